#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// `text` without the white space around it.
std::string_view trim(std::string_view text);

/// ASCII letters in lower case.
std::string lower(std::string_view text);

/// How many letters must be inserted, removed or changed to turn one text into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace source_sentry
