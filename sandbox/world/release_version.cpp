#include "sandbox/world/release_version.h"

#include <algorithm>
#include <charconv>

namespace sandbox {

SemanticVersion parse_version(std::string_view version) {
  SemanticVersion parsed;
  const std::size_t at = version.find('@');
  if (at == std::string_view::npos) return parsed;
  parsed.package = version.substr(0, at);
  std::string_view rest = version.substr(at + 1);
  const std::size_t plus = rest.find('+');
  if (plus != std::string_view::npos) parsed.build = rest.substr(plus + 1);
  rest = rest.substr(0, plus);
  while (!rest.empty()) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + dot, number);
    if (error != std::errc() || end != rest.data() + dot) break;
    parsed.numbers.push_back(number);
    rest.remove_prefix(std::min(dot + 1, rest.size()));
  }
  if (!rest.empty() || parsed.numbers.size() != 3) parsed.numbers.clear();
  return parsed;
}

bool is_sha(std::string_view version) {
  return version.size() == 40 &&
         version.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string short_version(std::string_view version) {
  return std::string(is_sha(version) ? version.substr(0, 12) : version);
}

}  // namespace sandbox
