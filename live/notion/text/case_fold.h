#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// UTF-8 in lower case, for comparing what people type with names: Latin, Greek, Cyrillic and
/// Armenian letters; all else stays. A table of our own: images have no locales.
std::string case_folded(std::string_view text);

}  // namespace source_sentry
