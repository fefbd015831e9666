#include "sandbox/api/search_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sandbox {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

std::string canonical_key(std::string_view key) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kSpellings = {{
      {"lastSeen", "last_seen"},
      {"firstSeen", "first_seen"},
      {"age", "first_seen"},
      {"timesSeen", "times_seen"},
      {"assigned", "assigned_to"},
      {"firstRelease", "first_release"},
      {"first-release", "first_release"},
      {"project.name", "project"},
  }};
  for (const auto& [spelling, name] : kSpellings) {
    if (key == spelling) return std::string(name);
  }
  return std::string(key);
}

/// Takes terms off the front of a query.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  /// The next term; nothing at the end of the query or after an error.
  std::optional<SearchTerm> next() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    if (rest_.empty()) return std::nullopt;
    SearchTerm term;
    if (read_key(term)) {
      read_value(term);
    } else {
      term.negated = false;
      term.values.push_back(rest_.front() == '"' ? read_quoted(term) : read_word());
    }
    if (!error_.empty()) return std::nullopt;
    return term;
  }

  const std::string& error() const { return error_; }

 private:
  /// Moves past `!key:` and keeps the key; stays where it is when there is none.
  bool read_key(SearchTerm& term) {
    std::string_view text = rest_;
    term.negated = text.starts_with('!');
    if (term.negated) text.remove_prefix(1);
    std::size_t length = 0;
    while (length < text.size() && is_key_char(text[length])) ++length;
    if (length == 0 || length >= text.size() || text[length] != ':') return false;
    term.key = canonical_key(text.substr(0, length));
    rest_ = text.substr(length + 1);
    return true;
  }

  void read_value(SearchTerm& term) {
    constexpr std::array<std::pair<std::string_view, Operator>, 4> kSigns = {{
        {">=", Operator::kGreaterOrEqual},
        {"<=", Operator::kLessOrEqual},
        {">", Operator::kGreater},
        {"<", Operator::kLess},
    }};
    for (const auto& [sign, compare] : kSigns) {
      if (!rest_.starts_with(sign)) continue;
      term.compare = compare;
      rest_.remove_prefix(sign.size());
      break;
    }
    if (rest_.starts_with('[')) {
      read_list(term);
    } else if (rest_.starts_with('"')) {
      term.values.push_back(read_quoted(term));
    } else {
      term.values.push_back(read_word());
      if (term.values.back().empty()) error_ = "Empty string after '" + term.key + ":'";
    }
  }

  void read_list(SearchTerm& term) {
    const std::size_t close = rest_.find(']');
    if (close == std::string_view::npos) {
      error_ = "Missing ] in the list after '" + term.key + ":'";
      return;
    }
    std::string_view list = rest_.substr(1, close - 1);
    rest_.remove_prefix(close + 1);
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      std::string_view one = list.substr(0, comma);
      list.remove_prefix(std::min(comma + 1, list.size()));
      while (!one.empty() && is_space(one.front())) one.remove_prefix(1);
      while (!one.empty() && is_space(one.back())) one.remove_suffix(1);
      if (one.size() >= 2 && one.front() == '"' && one.back() == '"') {
        one = one.substr(1, one.size() - 2);
      }
      term.values.emplace_back(one);
    }
    if (term.values.empty()) error_ = "Empty list after '" + term.key + ":'";
  }

  std::string read_quoted(SearchTerm& term) {
    term.quoted = true;
    std::string value;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\\' && i + 1 < rest_.size() && rest_[i + 1] == '"') {
        value += rest_[++i];
      } else if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return value;
      } else {
        value += rest_[i];
      }
    }
    error_ = "Missing closing quote after '" + value + "'";
    rest_ = {};
    return value;
  }

  std::string read_word() {
    std::size_t length = 0;
    while (length < rest_.size() && !is_space(rest_[length])) ++length;
    std::string word(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return word;
  }

  std::string_view rest_;
  std::string error_;
};

}  // namespace

std::variant<std::vector<SearchTerm>, QueryError> parse_search(std::string_view query) {
  std::vector<SearchTerm> terms;
  Reader reader(query);
  while (auto term = reader.next()) {
    const bool bare = term->key.empty() && !term->quoted;
    if (bare && (term->values[0] == "OR" || term->values[0] == "AND")) {
      return QueryError{
          "Boolean statements containing \"OR\" or \"AND\" are not supported in this search"};
    }
    terms.push_back(std::move(*term));
  }
  if (!reader.error().empty()) return QueryError{reader.error()};
  return terms;
}

std::optional<bool> number_matches(const SearchTerm& term, std::int64_t count) {
  bool matches = false;
  for (const std::string& value : term.values) {
    std::int64_t wanted = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), wanted);
    if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
    switch (term.compare) {
      case Operator::kEqual:
        matches = matches || count == wanted;
        break;
      case Operator::kGreater:
        matches = matches || count > wanted;
        break;
      case Operator::kGreaterOrEqual:
        matches = matches || count >= wanted;
        break;
      case Operator::kLess:
        matches = matches || count < wanted;
        break;
      case Operator::kLessOrEqual:
        matches = matches || count <= wanted;
        break;
    }
  }
  return matches != term.negated;
}

}  // namespace sandbox
