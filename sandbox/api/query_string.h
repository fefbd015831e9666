#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbox {

/// Undoes percent-encoding; `+` stands for a space in a query but not in a path.
std::string percent_decode(std::string_view text, bool plus_is_space);

/// The parameters of a request, in the order they came, read as Django reads them.
class QueryString {
 public:
  QueryString() = default;
  explicit QueryString(std::string_view raw);

  /// The last value of a repeated parameter.
  std::optional<std::string_view> get(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }

  /// Whether the parameter is there with exactly this value.
  bool is(std::string_view name, std::string_view value) const { return get(name) == value; }

  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }

  /// All parameters but one, encoded again: repeated ones move together, `:` becomes %3A and
  /// spaces `+`. So the link a server sends back is not the text it was asked with.
  std::string encoded_without(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace sandbox
