#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// "port_app_config, line 12, column 3: "; both count from 0 here.
std::string yaml_place(const std::string& name, int line, int column);

/// The column of what is wrong, where the parser has stopped at `column` (both from 0): at the
/// colon of a key that may not be there, it is where that begins.
int column_of_mistake(std::string_view text, int line, int column);

/// What is likely to be wrong in `line` (from 0) of a text that the parser refuses with `said`: a
/// tab in front, a key indented deeper than the one above it, or else the parser's own words.
std::string yaml_hint(std::string_view text, int line, const std::string& said);

}  // namespace source_sentry
