#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// Port lets expressions have single quotes around texts: one that opens or closes, which is next
/// to white space or the expression's begin or end on its outer side and to neither white space nor
/// a double quote on its inner side, becomes a double one. `"it's"` stays.
std::string with_double_quotes(std::string_view expression);

}  // namespace source_sentry
