#include "http/link_header.h"

#include <algorithm>
#include <map>

namespace source_sentry {
namespace {

struct Attribute {
  std::string_view name;
  std::string_view value;  // without its quotes
};

/// Takes the next attribute off the front of an entry's rest. What stands in quotes is never looked
/// into: a cursor may hold anything. Nothing at the end, or where a quote is missing.
std::optional<Attribute> take_attribute(std::string_view& rest) {
  const std::size_t begin = rest.find_first_not_of(";, ");
  if (begin == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(begin);
  Attribute attribute;
  attribute.name = rest.substr(0, rest.find_first_of("=;"));
  rest.remove_prefix(attribute.name.size());
  if (!rest.starts_with('=')) return attribute;
  rest.remove_prefix(1);
  const bool quoted = rest.starts_with('"');
  if (quoted) rest.remove_prefix(1);
  const std::size_t end = quoted ? rest.find('"') : rest.find_first_of(";, '}");
  if (quoted && end == std::string_view::npos) return std::nullopt;
  attribute.value = rest.substr(0, end);
  rest.remove_prefix(std::min(attribute.value.size() + (quoted ? 1 : 0), rest.size()));
  return attribute;
}

}  // namespace

std::optional<NextPage> parse_link_next(std::string_view header) {
  // Entries are cut at each `<...>`: their URLs may hold commas and semicolons, so neither
  // separates.
  std::size_t open = header.find('<');
  while (open != std::string_view::npos) {
    const std::size_t close = header.find('>', open);
    if (close == std::string_view::npos) return std::nullopt;
    open = header.find('<', close);
    std::string_view attributes =
        header.substr(close + 1, open == std::string_view::npos ? open : open - close - 1);
    std::map<std::string_view, std::string_view> values;
    while (const auto attribute = take_attribute(attributes)) {
      values.emplace(attribute->name, attribute->value);
    }
    if (values["rel"] != "next") continue;
    if (!values.contains("results")) return std::nullopt;
    return NextPage{values["results"] == "true", std::string(values["cursor"])};
  }
  return std::nullopt;
}

}  // namespace source_sentry
