#include "http/link_header.h"

namespace source_sentry {
namespace {

/// The value of `name=` inside one entry's attributes, without its quotes.
std::optional<std::string_view> attribute(std::string_view entry, std::string_view name) {
  std::size_t at = 0;
  while ((at = entry.find(name, at)) != std::string_view::npos) {
    const bool starts = at > 0 && (entry[at - 1] == ';' || entry[at - 1] == ' ');
    const std::size_t equals = at + name.size();
    at = equals;
    if (!starts || equals >= entry.size() || entry[equals] != '=') continue;
    std::string_view value = entry.substr(equals + 1);
    if (value.starts_with('"')) {
      value.remove_prefix(1);
      const std::size_t quote = value.find('"');
      if (quote == std::string_view::npos) return std::nullopt;
      return value.substr(0, quote);
    }
    return value.substr(0, value.find_first_of(";, '}"));
  }
  return std::nullopt;
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
    const std::string_view attributes =
        header.substr(close + 1, open == std::string_view::npos ? open : open - close - 1);
    if (attribute(attributes, "rel") != "next") continue;
    const auto results = attribute(attributes, "results");
    if (!results) return std::nullopt;
    return NextPage{*results == "true", std::string(attribute(attributes, "cursor").value_or(""))};
  }
  return std::nullopt;
}

}  // namespace source_sentry
