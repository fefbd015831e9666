#include "json/record_splitter.h"

#include <simdjson.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

namespace source_sentry {
namespace {

constexpr std::size_t kMaxDepth = 1024;

/// Where a check failed; `what` is null when nothing did.
struct Fault {
  const char* what = nullptr;
  std::size_t offset = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Which bytes may stand behind a number or literal. A table, since comparing with one after the
/// other costs a whole page of issues 4 % more (measured).
constexpr auto kEndsScalar = [] {
  std::array<bool, 256> ends{};
  for (const char c : std::string_view(",}] \n\r\t")) ends[static_cast<unsigned char>(c)] = true;
  return ends;
}();

bool ends_scalar(char c) { return kEndsScalar[static_cast<unsigned char>(c)]; }

/// Whether the `length` bytes at `p`, after which `readable` more may be read, are an integer as
/// most are: of one to sixteen digits, and not negative. Without a loop, which would have to wait
/// for each byte; says no where it does not know.
bool is_plain_integer(const char* p, std::size_t length, std::size_t readable) {
  if constexpr (std::endian::native != std::endian::little) return false;
  if (length - 1 >= 16 || readable < 16) return false;
  if (length > 1 && *p == '0') return false;
  constexpr std::uint64_t kEach = 0x0101010101010101;
  // Sets the highest bit of each byte that is no digit; what comes after such a one may be wrong.
  const auto others = [](const char* eight) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, eight, sizeof bytes);
    const std::uint64_t values = bytes ^ (kEach * '0');  // of a digit at most 9
    return (values | (values + kEach * (0x7F - 9))) & (kEach * 0x80);
  };
  if (length <= 8) return others(p) << (8 * (8 - length)) == 0;
  return (others(p) | others(p + length - 8)) == 0;
}

/// The end of the number that starts at `p`, or null if it breaks JSON's grammar. Reads up to the
/// first byte that is not part of a number; the caller's text ends in a zero byte.
const char* end_of_number(const char* p) {
  if (*p == '-') ++p;
  if (*p == '0') {
    ++p;
  } else {
    if (!is_digit(*p)) return nullptr;
    while (is_digit(*p)) ++p;
  }
  if (*p == '.') {
    if (!is_digit(*++p)) return nullptr;
    while (is_digit(*p)) ++p;
  }
  if (*p == 'e' || *p == 'E') {
    ++p;
    if (*p == '+' || *p == '-') ++p;
    if (!is_digit(*p)) return nullptr;
    while (is_digit(*p)) ++p;
  }
  return p;
}

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Checks every backslash of the text. Those outside of strings need no care here: the walk refuses
/// them as scalars. So escapes can be taken from left to right without knowing the strings.
Fault check_escapes(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* p = begin;
  while ((p = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)))) !=
         nullptr) {
    const auto left = static_cast<std::size_t>(end - p);
    const char kind = left > 1 ? p[1] : '\0';
    bool valid = false;
    std::size_t length = 2;
    switch (kind) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        valid = true;
        break;
      case 'u':
        length = 6;
        valid = left >= length && is_hex(p[2]) && is_hex(p[3]) && is_hex(p[4]) && is_hex(p[5]);
        break;
      default:
        break;
    }
    if (!valid) return {"an invalid escape", static_cast<std::size_t>(p - begin)};
    p += length;
  }
  return {};
}

/// Walks the list of token positions that simdjson's first stage leaves: the position of every
/// bracket, colon and comma, and of the first byte of every string, number and literal. What is
/// glued to a string or stands apart after a number has a position of its own, so checking that
/// each next position holds what the grammar allows checks the whole text. Past the last position
/// stands the text's end, where a zero byte stops every rule.
class Walk {
 public:
  Walk(std::string_view text, const std::uint32_t* tokens)
      : begin_(text.data()), end_(begin_ + text.size()), token_(tokens) {}

  char here() const { return begin_[*token_]; }
  std::size_t offset() const { return *token_; }
  const char* pointer() const { return begin_ + *token_; }
  void step() { ++token_; }
  /// The offset of the token before this one.
  std::size_t last_offset() const { return token_[-1]; }
  Fault fault(const char* what) const { return {what, offset()}; }

  /// Steps over one value of any kind. `depth` is how many containers are open around it. This is
  /// the hot loop: the position lives in a local so that it stays in a register, and strings, the
  /// most frequent kind, are looked for first.
  Fault skip_value(std::size_t depth) {
    const std::size_t floor = depth;
    const std::uint32_t* token = token_;
    const char* const text = begin_;
    const char* wrong = nullptr;
    char c = 0;

  value:
    c = text[*token];
    if (c == '"') {
      ++token;
    } else if (c == '{') {
      if (depth == kMaxDepth) goto too_deep;
      ++token;
      if (text[*token] == '}') {
        ++token;
      } else {
        in_object_[depth++] = true;
        goto key;
      }
    } else if (c == '[') {
      if (depth == kMaxDepth) goto too_deep;
      ++token;
      if (text[*token] == ']') {
        ++token;
      } else {
        in_object_[depth++] = false;
        goto value;
      }
    } else {
      const char* const scalar = text + *token;
      if (!is_plain_integer(scalar, token[1] - token[0], static_cast<std::size_t>(end_ - scalar))) {
        const char* const after = end_of_scalar(scalar);
        if (after == nullptr || !ends_scalar(*after)) {
          wrong = "no valid value";
          goto fail;
        }
      }
      ++token;
    }

  after_value:
    if (depth == floor) {
      token_ = token;
      return {};
    }
    c = text[*token];
    if (in_object_[depth - 1]) {
      if (c == ',') {
        ++token;
      key:
        wrong = "no key where one must stand";
        if (text[*token] != '"') goto fail;
        ++token;
        wrong = "no : after a key";
        if (text[*token] != ':') goto fail;
        ++token;
        goto value;
      }
      wrong = "neither , nor } after a member";
      if (c != '}') goto fail;
    } else {
      if (c == ',') {
        ++token;
        goto value;
      }
      wrong = "neither , nor ] after an element";
      if (c != ']') goto fail;
    }
    ++token;
    --depth;
    goto after_value;

  too_deep:
    wrong = "nesting past 1024 levels";
  fail:
    token_ = token;
    return fault(wrong);
  }

  /// Whether the string at the current token is exactly `quoted` (with its quotes).
  bool is_string(std::string_view quoted) const {
    const char* const p = pointer();
    // Most keys differ in their first letter: no need to call for that.
    return static_cast<std::size_t>(end_ - p) >= quoted.size() && p[1] == quoted[1] &&
           std::memcmp(p, quoted.data(), quoted.size()) == 0;
  }

  /// The text of the scalar at the current token: a string's inside, or a number's or literal's
  /// text. Empty for containers, and for strings with escapes: an id or a time has none.
  std::string_view scalar() const {
    const char* const p = pointer();
    if (*p == '"') {
      const char* close = p + 1;
      while (*close != '"' && *close != '\\') ++close;
      return *close == '"' ? std::string_view(p + 1, static_cast<std::size_t>(close - p - 1))
                           : std::string_view();
    }
    const char* close = is_digit(*p) || *p == '-' ? end_of_number(p) : nullptr;
    return close == nullptr ? std::string_view()
                            : std::string_view(p, static_cast<std::size_t>(close - p));
  }

 private:
  /// The end of the number or literal at `p`; null when it is neither.
  const char* end_of_scalar(const char* p) const {
    switch (*p) {
      case 't':
        return literal(p, "true");
      case 'f':
        return literal(p, "false");
      case 'n':
        return literal(p, "null");
      default:
        return end_of_number(p);
    }
  }

  const char* literal(const char* p, std::string_view word) const {
    const bool same = static_cast<std::size_t>(end_ - p) >= word.size() &&
                      std::memcmp(p, word.data(), word.size()) == 0;
    return same ? p + word.size() : nullptr;
  }

  const char* begin_;
  const char* end_;
  const std::uint32_t* token_;
  std::array<bool, kMaxDepth> in_object_;  // kind of each open container; written before it is read
};

std::string quoted(std::string key) { return key.empty() ? key : '"' + std::move(key) + '"'; }

}  // namespace

class RecordSplitter::Impl {
 public:
  Impl(std::string id_key, std::string cursor_key)
      : id_key_(quoted(std::move(id_key))), cursor_key_(quoted(std::move(cursor_key))) {}

  std::optional<SplitError> split(const std::string& body, Root root, RecordPage& page) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    const std::size_t skipped = body.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    const std::string_view text = std::string_view(body).substr(skipped);
    page.records.clear();
    page.empty = page.not_objects = 0;
    Fault fault = tokenize(text);
    if (fault.what == nullptr) fault = check_escapes(text);
    if (fault.what == nullptr) fault = collect(text, root, page);
    if (fault.what == nullptr) return std::nullopt;
    page.records.clear();
    page.empty = page.not_objects = 0;
    return SplitError{fault.what, fault.offset + skipped};
  }

 private:
  Fault tokenize(std::string_view text) {
    if (text.empty()) return {"an empty body", 0};
    if (text.size() >= UINT32_MAX) return {"a body past 4 GiB", 0};
    if (!stage_ || stage_->capacity() < text.size()) {
      // Some room to grow, so that pages of slowly rising size do not allocate each time.
      const std::size_t capacity = text.size() + text.size() / 4 + 4096;
      const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
          capacity, kMaxDepth, stage_);
      if (error != simdjson::SUCCESS) return {"no memory to check the body", 0};
    }
    const auto error = stage_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()),
                                      text.size(), simdjson::stage1_mode::regular);
    switch (error) {
      case simdjson::SUCCESS:
        return {};
      case simdjson::UTF8_ERROR:
        return {"invalid UTF-8", 0};
      case simdjson::UNESCAPED_CHARS:
        return {"a raw control character in a string", 0};
      case simdjson::UNCLOSED_STRING:
        return {"a string that never ends (cut off?)", text.size()};
      default:
        return {simdjson::error_message(error), 0};
    }
  }

  Fault collect(std::string_view text, Root root, RecordPage& page) {
    Walk walk(text, stage_->structural_indexes.get());
    if (root == Root::kObject) {
      if (walk.here() != '{') return walk.fault("no JSON object");
      if (const Fault fault = record(walk, 0, page); fault.what != nullptr) return fault;
    } else {
      if (walk.here() != '[') return walk.fault("no JSON list");
      walk.step();
      if (walk.here() == ']') {
        walk.step();
      } else if (const Fault fault = elements(walk, page); fault.what != nullptr) {
        return fault;
      }
    }
    if (walk.offset() < text.size()) return walk.fault("more text after the end");
    return {};
  }

  Fault elements(Walk& walk, RecordPage& page) {
    for (;;) {
      if (walk.here() == '{') {
        if (const Fault fault = record(walk, 1, page); fault.what != nullptr) return fault;
      } else {
        ++page.not_objects;
        if (const Fault fault = walk.skip_value(1); fault.what != nullptr) return fault;
      }
      if (walk.here() == ']') {
        walk.step();
        return {};
      }
      if (walk.here() != ',') return walk.fault("neither , nor ] after a record");
      walk.step();
    }
  }

  /// One record, whose `{` is at the current token with `depth` containers around it. Only here are
  /// keys looked at; what is below is walked over.
  Fault record(Walk& walk, std::size_t depth, RecordPage& page) {
    RecordView view;
    const char* const start = walk.pointer();
    const std::size_t begin = walk.offset();
    walk.step();
    if (walk.here() == '}') {
      walk.step();
      ++page.empty;
      return {};
    }
    for (;;) {
      if (walk.here() != '"') return walk.fault("no key where one must stand");
      const bool is_id = !id_key_.empty() && walk.is_string(id_key_);
      const bool is_cursor = !cursor_key_.empty() && walk.is_string(cursor_key_);
      walk.step();
      if (walk.here() != ':') return walk.fault("no : after a key");
      walk.step();
      if (is_id) view.id = walk.scalar();
      if (is_cursor) view.cursor = walk.here() == '"' ? walk.scalar() : std::string_view();
      if (const Fault fault = walk.skip_value(depth + 1); fault.what != nullptr) return fault;
      const char after = walk.here();
      walk.step();
      if (after == '}') break;
      if (after != ',') return {"neither , nor } after a member", walk.last_offset()};
    }
    view.json = std::string_view(start, walk.last_offset() + 1 - begin);
    page.records.push_back(view);
    return {};
  }

  std::string id_key_;
  std::string cursor_key_;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage_;
};

RecordSplitter::RecordSplitter(std::string id_key, std::string cursor_key)
    : impl_(std::make_unique<Impl>(std::move(id_key), std::move(cursor_key))) {}
RecordSplitter::~RecordSplitter() = default;
RecordSplitter::RecordSplitter(RecordSplitter&&) noexcept = default;
RecordSplitter& RecordSplitter::operator=(RecordSplitter&&) noexcept = default;

std::optional<SplitError> RecordSplitter::split(const std::string& body, Root root,
                                                RecordPage& page) {
  return impl_->split(body, root, page);
}

std::optional<std::string> in_one_line(std::string_view json) {
  const auto has = [&](int c) { return std::memchr(json.data(), c, json.size()) != nullptr; };
  if (!has('\n') && !has('\r')) return std::nullopt;
  // simdjson writes in whole blocks, up to 64 bytes past the last one that counts.
  std::string line(json.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t length = 0;
  const auto error = simdjson::minify(json.data(), json.size(), line.data(), length);
  // Checked text minifies without error; were it otherwise, the line would have to be one still.
  if (error != simdjson::SUCCESS) {
    length = 0;
    for (const char c : json) {
      if (c != '\n' && c != '\r') line[length++] = c;
    }
  }
  line.resize(length);
  return line;
}

}  // namespace source_sentry
