#include "http/link_header.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace source_sentry {
namespace {

using Follows = NextPage::Follows;

constexpr std::string_view kSpace = " \t\r\n";

/// Whether both are the same, except for the case of ASCII letters. Each answer has such a header,
/// so nothing is copied for that.
bool same(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char one, char other) { return small(one) == small(other); });
}

/// What an entry says about pages; the first of several attributes of one name wins.
struct Entry {
  std::optional<std::string_view> relation;
  std::optional<std::string_view> results;
  std::optional<std::string_view> cursor;

  void add(std::string_view name, std::string_view value) {
    const auto take = [&](std::string_view wanted, std::optional<std::string_view>& attribute) {
      if (!attribute && same(name, wanted)) attribute = value;
    };
    take("rel", relation);
    take("results", results);
    take("cursor", cursor);
  }
};

/// Goes through the entries of a header. What is in quotes is never looked into: a cursor may hold
/// anything.
class Entries {
 public:
  explicit Entries(std::string_view header) : rest_(header) {}

  /// The next entry. Nothing at the end, or where the header breaks off.
  std::optional<Entry> next() {
    const std::size_t open = rest_.find('<');
    if (open == std::string_view::npos) return std::nullopt;
    rest_.remove_prefix(open + 1);
    if (!skip_url()) return std::nullopt;
    Entry entry;
    for (;;) {
      skip(" \t\r\n;");
      // In GlitchTip's `{'...'}` a quote may end an entry.
      if (rest_.empty() || std::string_view(",'}<").find(rest_.front()) != std::string_view::npos) {
        return entry;
      }
      const std::string_view name = trim(take_until("=;,<"));
      std::string_view value;
      if (rest_.starts_with('=') && !take_value(value)) return std::nullopt;
      entry.add(name, value);
    }
  }

  /// Whether an entry had no end.
  bool broken() const { return broken_; }

 private:
  /// A URL may hold `>`, as a query for `lastSeen:>=` does where it is not encoded: the URL ends at
  /// the one before a separator.
  bool skip_url() {
    for (std::size_t close = rest_.find('>'); close != std::string_view::npos;
         close = rest_.find('>', close + 1)) {
      const std::size_t behind = rest_.find_first_not_of(kSpace, close + 1);
      if (behind != std::string_view::npos && rest_[behind] != ';' && rest_[behind] != ',')
        continue;
      rest_.remove_prefix(std::min(behind, rest_.size()));
      return true;
    }
    broken_ = true;
    return false;
  }

  void skip(std::string_view skipped) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(skipped), rest_.size()));
  }

  std::string_view take_until(std::string_view ends) {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  bool take_value(std::string_view& value) {
    rest_.remove_prefix(1);
    skip(kSpace);
    // Some write single quotes. GlitchTip's are around a whole entry, and never begin a value.
    if (!rest_.starts_with('"') && !rest_.starts_with('\'')) {
      value = take_until(";, \t\r\n'}");
      return true;
    }
    const std::string_view quote = rest_.substr(0, 1);
    rest_.remove_prefix(1);
    value = trim(take_until(quote));
    broken_ = broken_ || rest_.empty();
    rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
    return !broken_;
  }

  std::string_view rest_;
  bool broken_ = false;
};

/// Whether a `rel`, which is a list of words, holds this one.
bool is_of(std::string_view relations, std::string_view wanted) {
  while (!relations.empty()) {
    const std::size_t end = std::min(relations.find(' '), relations.size());
    if (same(relations.substr(0, end), wanted)) return true;
    relations.remove_prefix(std::min(end + 1, relations.size()));
  }
  return false;
}

/// Whether a `rel` says something, and nothing of another field.
bool is_understood(std::string_view relations) {
  return !relations.empty() && relations.find_first_of(";\"'") == std::string_view::npos;
}

}  // namespace

NextPage parse_link_next(std::string_view header) {
  Entries entries(header);
  std::optional<NextPage> next;
  bool about_pages = trim(header).empty();
  bool any = false;
  while (const auto entry = entries.next()) {
    any = true;
    const std::string_view relation = entry->relation.value_or("");
    if (!is_of(relation, "next")) {
      // The other half of Sentry's pair: the half that matters has been lost. Or it cannot be told
      // what it is.
      about_pages = about_pages || entry->results || !is_understood(relation);
      continue;
    }
    about_pages = true;
    const bool more = entry->results && same(*entry->results, "true");
    if (!more && !(entry->results && same(*entry->results, "false"))) continue;
    NextPage found{Follows::kNothing, std::string(entry->cursor.value_or(""))};
    if (more) found.follows = found.cursor.empty() ? Follows::kUnclear : Follows::kMore;
    const bool agreed = !next || (next->follows == found.follows && next->cursor == found.cursor);
    next = agreed ? std::move(found) : NextPage{Follows::kUnclear};
  }
  if (next) return *next;
  return NextPage{about_pages || entries.broken() || !any ? Follows::kUnclear : Follows::kUnsaid};
}

}  // namespace source_sentry
