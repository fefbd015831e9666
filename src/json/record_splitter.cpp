#include "json/record_splitter.h"

#include <simdjson.h>

#include <cstring>
#include <utility>

#include "json/token_walk.h"

namespace source_sentry {
namespace {

/// The part of a quoted key that tells it from most others. No key begins with a zero byte.
char first_letter_of(const std::string& key) { return key.size() > 2 ? key[1] : '\0'; }

std::string quoted(std::string key) { return key.empty() ? key : '"' + std::move(key) + '"'; }

}  // namespace

class RecordSplitter::Impl {
 public:
  Impl(std::string id_key, std::string cursor_key, Bounds bounds)
      : id_key_(quoted(std::move(id_key))),
        cursor_key_(quoted(std::move(cursor_key))),
        id_letter_(first_letter_of(id_key_)),
        cursor_letter_(first_letter_of(cursor_key_)),
        slice_records_(bounds.slice_records),
        tokens_(bounds.window_bytes) {}

  /// `list_key`: where the list is if the root is an object; empty: nowhere.
  std::optional<SplitError> split(const std::string& body, Root root, const std::string& list_key,
                                  RecordPage& page) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    const std::size_t skipped = body.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    text_ = std::string_view(body).substr(skipped);
    clear(page);
    bool found = false;
    const Fault fault = check(root, list_key, page, found);
    if (fault.what == nullptr && found) return std::nullopt;
    clear(page);
    if (fault.what == nullptr) return SplitError{"no list \"" + list_key + "\" in it", 0};
    return SplitError{fault.what, fault.offset + skipped};
  }

  bool next_slice(RecordPage& page) {
    if (!next_) return false;
    page.records.clear();
    page.continues = true;
    page.empty = page.not_objects = 0;
    tokens_.begin(text_, *std::exchange(next_, std::nullopt));
    TokenWalk walk(tokens_);
    // All of it was checked, and what is not a record was counted.
    RecordPage rest;
    rest.records.swap(page.records);
    elements(walk, 1, rest, true);
    rest.records.swap(page.records);
    return true;
  }

 private:
  void clear(RecordPage& page) {
    page.records.clear();
    page.all_records = page.empty = page.not_objects = 0;
    page.continues = false;
    next_.reset();
  }

  /// `found`: is set if there are records or a list of them where they should be.
  Fault check(Root root, const std::string& list_key, RecordPage& page, bool& found) {
    if (text_.empty()) return {"an empty body", 0};
    if (text_.size() >= UINT32_MAX) return {"a body past 4 GiB", 0};
    Fault fault = tokens_.begin(text_, 0);
    if (fault.what != nullptr) return fault;
    TokenWalk walk(tokens_);
    const bool wrapped = !list_key.empty() && walk.is('{');
    if (!wrapped && !walk.is(root == Root::kObject ? '{' : '[')) {
      return walk.fault(root == Root::kObject ? "no JSON object" : "no JSON list");
    }
    found = !wrapped;
    if (wrapped) {
      fault = wrapper(walk, quoted(list_key), page, found);
    } else {
      fault = root == Root::kObject ? record(walk, 0, page) : list(walk, 0, page);
    }
    if (fault.what != nullptr) return fault;
    return walk.fault(walk.ended() ? nullptr : "more text after the end");
  }

  /// An object, whose `{` is at the current token, with the list at that key.
  Fault wrapper(TokenWalk& walk, const std::string& key, RecordPage& page, bool& found) {
    walk.step();
    if (walk.is('}')) {
      walk.step();
      return {};
    }
    for (;;) {
      if (!walk.is('"')) return walk.fault("a key is missing");
      const bool is_list = walk.is_string(key);
      walk.step();
      if (!walk.is(':')) return walk.fault("no : after a key");
      walk.step();
      Fault fault;
      if (is_list && walk.is('[')) {
        found = true;
        clear(page);
        fault = list(walk, 1, page);
      } else {
        fault = walk.skip_value(1);
      }
      if (fault.what != nullptr) return fault;
      if (!walk.is(',')) break;
      walk.step();
    }
    if (!walk.is('}')) return walk.fault("neither , nor } after a member");
    walk.step();
    return {};
  }

  /// A list of records, whose `[` is at the current token with `depth` containers around it.
  Fault list(TokenWalk& walk, std::size_t depth, RecordPage& page) {
    walk.step();
    if (!walk.is(']')) return elements(walk, depth + 1, page, false);
    walk.step();
    return {};
  }

  /// From the current element to the list's end, or only to that of the slice.
  Fault elements(TokenWalk& walk, std::size_t depth, RecordPage& page, bool only_slice) {
    for (;;) {
      if (walk.is('{')) {
        const char* const start = walk.pointer();
        if (page.records.size() == slice_records_ && !next_) {
          next_ = static_cast<std::size_t>(start - text_.data());
          if (only_slice) return {};
        }
        if (const Fault fault = record(walk, depth, page); fault.what != nullptr) return fault;
      } else {
        ++page.not_objects;
        if (const Fault fault = walk.skip_value(depth); fault.what != nullptr) return fault;
      }
      if (walk.is(']')) {
        walk.step();
        return {};
      }
      if (!walk.is(',')) return walk.fault("neither , nor ] after a record");
      walk.step();
    }
  }

  /// One record, whose `{` is at the current token with `depth` containers around it. Keys are
  /// looked at only here; deeper levels are walked over.
  Fault record(TokenWalk& walk, std::size_t depth, RecordPage& page) {
    RecordView view;
    const char* const start = walk.pointer();
    walk.step();
    if (walk.is('}')) {
      walk.step();
      ++page.empty;
      return {};
    }
    for (;;) {
      if (!walk.is('"')) return walk.fault("a key is missing");
      const char letter = walk.first_letter();
      const bool is_id = letter == id_letter_ && walk.is_string(id_key_);
      const bool is_cursor = letter == cursor_letter_ && walk.is_string(cursor_key_);
      if (!is_id && !is_cursor && walk.skip_short_member()) continue;
      walk.step();
      if (!walk.is(':')) return walk.fault("no : after a key");
      walk.step();
      if (is_cursor) view.cursor = walk.is('"') ? walk.scalar() : std::string_view();
      if (is_id) view.id = walk.ended() ? std::string_view() : walk.scalar();
      if (const Fault fault = walk.skip_value(depth + 1); fault.what != nullptr) return fault;
      if (!walk.is(',')) break;
      walk.step();
    }
    if (!walk.is('}')) return walk.fault("neither , nor } after a member");
    view.json = std::string_view(start, static_cast<std::size_t>(walk.pointer() + 1 - start));
    walk.step();
    ++page.all_records;
    if (page.records.size() < slice_records_) page.records.push_back(view);
    return {};
  }

  std::string id_key_;
  std::string cursor_key_;
  char id_letter_;  // see first_letter_of
  char cursor_letter_;
  std::size_t slice_records_;
  Tokens tokens_;
  std::string_view text_;
  std::optional<std::size_t> next_;  // where the next slice begins in it
};

RecordSplitter::RecordSplitter(std::string id_key, std::string cursor_key, Bounds bounds)
    : impl_(std::make_unique<Impl>(std::move(id_key), std::move(cursor_key), bounds)) {}
RecordSplitter::~RecordSplitter() = default;
RecordSplitter::RecordSplitter(RecordSplitter&&) noexcept = default;
RecordSplitter& RecordSplitter::operator=(RecordSplitter&&) noexcept = default;

std::optional<SplitError> RecordSplitter::split(const std::string& body, Root root,
                                                RecordPage& page) {
  return impl_->split(body, root, {}, page);
}

std::optional<SplitError> RecordSplitter::split_list(const std::string& body,
                                                     const std::string& list_key,
                                                     RecordPage& page) {
  return impl_->split(body, Root::kList, list_key, page);
}

bool RecordSplitter::next_slice(RecordPage& page) { return impl_->next_slice(page); }

std::optional<std::string> in_one_line(std::string_view json) {
  const auto has = [&](int c) { return std::memchr(json.data(), c, json.size()) != nullptr; };
  if (!has('\n') && !has('\r')) return std::nullopt;
  // simdjson writes in whole blocks, up to 64 bytes past the last one that counts.
  std::string line(json.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t length = 0;
  const auto error = simdjson::minify(json.data(), json.size(), line.data(), length);
  // Checked text minifies without error; if it did not, the line must still be a single one.
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
