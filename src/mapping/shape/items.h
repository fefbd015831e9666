#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mapping/expression/expression.h"

namespace source_sentry {

/// Makes one row of each element of a list in the record.
struct Items {
  Expression list;
  std::string name = "item";  ///< the member that holds the element
  /// Where the list is, which is taken out of the rows; nothing: it stays, or is not one place.
  std::optional<PlainPath> removed;
};

/// Where an expression takes its list from, as Port's integrations guess it from the text: inside a
/// leading bracket, the path that the first stage begins with, where stages that are `.`, begin
/// with a variable or only bind one are passed over. `.a.b // []`, `.a[]` and `. as $r | .a` have
/// one;
/// `[.a, .b]` and `map(.x)` have none.
std::optional<PlainPath> place_of_items(std::string_view expression);

}  // namespace source_sentry
