#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// JSON that RecordSplitter has checked, or that we have made, with a line for each member and
/// element, for people. Nothing is parsed into numbers or texts and printed again, so all of them
/// stay as they came; only characters that a terminal would obey and not show are escaped. Pure.
std::string indented_json(std::string_view json);

}  // namespace source_sentry
