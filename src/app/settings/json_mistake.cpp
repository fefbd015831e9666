#include "app/settings/json_mistake.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace source_sentry {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSpace = " \t\r\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool begins_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '<';
}

/// How many bytes the character at the beginning takes in UTF-8; 0 where it is not UTF-8.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool too_long = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool no_character = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return too_long || no_character ? 0 : length;
}

/// Reads JSON as strictly as the parser does, and remembers what a person needs to know.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<JsonMistake> run() {
    if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF") ||
        text_.substr(0, 4).find('\0') != text_.npos) {
      fail(0, "it is written in UTF-16, as PowerShell's > writes. Save it as UTF-8.");
      return mistake_;
    }
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // which the parser accepts
    while (!mistake_ && step()) continue;
    return mistake_;
  }

 private:
  enum class Expect { kValue, kFirstValue, kKey, kFirstKey, kColon, kCommaOrEnd, kNothing };

  struct Open {
    char bracket;
    std::size_t at;
  };

  void fail(std::size_t at, std::string cause) { mistake_ = {at, std::move(cause)}; }

  bool in_object() const { return !open_.empty() && open_.back().bracket == '{'; }

  /// Reads one token. False at the end.
  bool step() {
    at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
    if (at_ == text_.size()) {
      end();
      return false;
    }
    const char c = text_[at_];
    if (is_never_json()) return false;
    switch (expect_) {
      case Expect::kFirstKey:
      case Expect::kKey:
        if (c == '"') return string(Expect::kColon);
        if (c == '}') return close();
        fail(at_, begins_word(c) || is_digit(c) ? "a key without quotes. Put it in double quotes."
                                                : "a key in double quotes is expected here.");
        return false;
      case Expect::kColon:
        if (c == ':') return go_on(Expect::kValue);
        fail(at_, c == '=' ? "= in place of a colon. JSON writes \"key\": value."
                           : "a colon is missing between a key and its value.");
        return false;
      case Expect::kCommaOrEnd:
        if (c == '}' || c == ']') return close();
        if (c == ',') {
          comma_ = at_;
          return go_on(in_object() ? Expect::kKey : Expect::kValue);
        }
        fail(at_, c == ':' ? "a colon where a comma or a closing bracket is expected."
                           : "a comma is missing before this.");
        return false;
      case Expect::kNothing:
        fail(at_, "more text behind the end of the document. Remove it.");
        return false;
      case Expect::kFirstValue:
      case Expect::kValue:
        return value();
    }
    return false;
  }

  /// What no JSON has outside of strings, whatever is expected.
  bool is_never_json() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#')) {
      fail(at_, "a comment, which JSON does not have. Remove it.");
    } else if (rest.starts_with('\'')) {
      fail(at_, "a single quote. JSON has double quotes only.");
    } else if (rest.starts_with("\u201C") || rest.starts_with("\u201D") ||
               rest.starts_with("\u2018") || rest.starts_with("\u2019")) {
      fail(at_, "a typographic quote, as word processors make them. Write \" in its place.");
    }
    return mistake_.has_value();
  }

  bool go_on(Expect expect) {
    ++at_;
    expect_ = expect;
    return true;
  }

  /// What comes behind a whole value.
  Expect behind_value() const { return open_.empty() ? Expect::kNothing : Expect::kCommaOrEnd; }

  bool close() {
    const char c = text_[at_];
    const char opened = c == '}' ? '{' : '[';
    if (open_.empty() || open_.back().bracket != opened) {
      fail(at_, open_.empty() ? "a closing bracket that closes nothing. Remove it."
                              : "the wrong closing bracket: the one to close was opened at " +
                                    place_in(text_, open_.back().at) + ".");
      return false;
    }
    if (expect_ == Expect::kKey || expect_ == Expect::kValue) {
      fail(comma_, "a comma before a closing bracket. Remove it.");
      return false;
    }
    open_.pop_back();
    return go_on(behind_value());
  }

  bool value() {
    const char c = text_[at_];
    if (c == '"') return string(behind_value());
    if (c == '{' || c == '[') {
      open_.push_back({c, at_});
      return go_on(c == '{' ? Expect::kFirstKey : Expect::kFirstValue);
    }
    if ((c == ']' || c == '}') && !open_.empty()) {
      if (!in_object()) return close();
      fail(at_, "a key has no value.");
      return false;
    }
    if (is_digit(c) || c == '-') return number();
    if (begins_word(c)) return word();
    fail(at_, c == ',' ? "a comma where a value is expected. Remove it, or put a value before it."
                       : "a value is expected here.");
    return false;
  }

  bool word() {
    for (const std::string_view known : {"true"sv, "false"sv, "null"sv}) {
      if (!text_.substr(at_).starts_with(known)) continue;
      at_ += known.size();
      expect_ = behind_value();
      return true;
    }
    if (open_.empty()) {
      const std::string_view line = text_.substr(at_, text_.find('\n', at_) - at_);
      fail(at_, line.find(':') != line.npos
                    ? "this looks like YAML. Write it as JSON: {\"key\": \"value\"}."
                    : "a JSON document begins with { here.");
    } else {
      fail(at_,
           "a word without quotes. Put texts in double quotes, and write true, false and null "
           "small.");
    }
    return false;
  }

  bool number() {
    if (open_.empty() && text_.substr(at_).starts_with("---")) {
      fail(at_, "this looks like YAML. Write it as JSON: {\"key\": \"value\"}.");
      return false;
    }
    const std::size_t begin = at_;
    const auto digits = [&] {
      const std::size_t from = at_;
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
      return at_ > from;
    };
    const auto take = [&](std::string_view any) {
      const bool found = at_ < text_.size() && any.find(text_[at_]) != any.npos;
      if (found) ++at_;
      return found;
    };
    take("-");
    bool good = take("0") || digits();
    if (good && take(".")) good = digits();
    if (good && take("eE")) {
      take("+-");
      good = digits();
    }
    if (!good || (at_ < text_.size() && (is_digit(text_[at_]) || begins_word(text_[at_])))) {
      fail(begin,
           "not a number as JSON writes it. Put it in double quotes if it is meant as a text.");
      return false;
    }
    expect_ = behind_value();
    return true;
  }

  bool string(Expect then) {
    const std::size_t begin = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') return go_on(then);
      if (c == '\n' || c == '\r') break;
      if (static_cast<unsigned char>(c) < 0x20) {
        fail(at_, "a tab or another control inside quotes. Write a tab as \\t, or remove it.");
        return false;
      }
      if (c == '\\') {
        if (!escape()) return false;
        continue;
      }
      const std::size_t length = utf8_length(text_.substr(at_));
      if (length == 0) {
        fail(at_, "bytes that are not UTF-8. Save the file as UTF-8.");
        return false;
      }
      at_ += length;
    }
    fail(begin,
         "a double quote that is not closed in its line. Close it; JSON writes a line end "
         "as \\n.");
    return false;
  }

  /// An escape inside a string, with a half of a pair only where the other one follows.
  bool escape() {
    const std::size_t begin = at_++;
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    if ("\"\\/bfnrt"sv.find(c) != std::string_view::npos) return true;
    const unsigned code = c == 'u' ? hexadecimal() : kNone;
    const bool high = code >= 0xD800 && code < 0xDC00;
    bool good = code != kNone && !(code >= 0xDC00 && code < 0xE000);
    if (good && high) {
      good = text_.substr(at_).starts_with("\\u");
      at_ += good ? 2 : 0;
      const unsigned low = good ? hexadecimal() : kNone;
      good = good && low >= 0xDC00 && low < 0xE000;
    }
    if (!good) fail(begin, "a backslash that means nothing in JSON. Write it twice: \\\\.");
    return good;
  }

  unsigned hexadecimal() {
    constexpr std::size_t kDigits = 4;
    unsigned code = 0;
    for (std::size_t i = 0; i < kDigits; ++i, ++at_) {
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return kNone;
      const int digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
      code = code * 16 + static_cast<unsigned>(digit);
    }
    return code;
  }

  void end() {
    if (!open_.empty()) {
      const std::string_view missing = in_object() ? "{ that has no }" : "[ that has no ]";
      fail(open_.back().at, std::string(missing) + ": the end is missing, or cut off.");
    } else if (expect_ != Expect::kNothing) {
      fail(at_, "there is nothing in it.");
    }
  }

  static constexpr unsigned kNone = 0x10000;

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t comma_ = 0;  // the last one
  Expect expect_ = Expect::kValue;
  std::vector<Open> open_;
  std::optional<JsonMistake> mistake_;
};

}  // namespace

std::optional<JsonMistake> json_mistake(std::string_view text) { return Reader(text).run(); }

std::string place_in(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, std::min(at, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t begin = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto column = std::count_if(before.begin() + static_cast<std::ptrdiff_t>(begin),
                                    before.end(), [](char c) { return (c & 0xC0) != 0x80; }) +
                      1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace source_sentry
