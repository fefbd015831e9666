#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapping/expression/expression.h"

namespace source_sentry {

/// Where the page after this one is to be found.
struct NextRule {
  enum class From {
    kLink,    ///< the flag and the cursor of Sentry's Link header
    kHeader,  ///< `value` on the headers, see headers_as_json
    kBody,    ///< `value` on the body
    kNone     ///< there is only one page
  };
  From from = From::kLink;
  std::optional<Expression> value;
};

/// What an expression says of the page after this one.
struct NextCursor {
  std::optional<std::string> cursor;  ///< not set: there is no such page
  std::string error;                  ///< why that is not known; empty: it is
};

/// Evaluates `value` on `input`, JSON that RecordSplitter has checked. Text and numbers are
/// cursors; null, false, "" and no output mean that there is no page. All else is an error.
NextCursor next_cursor(const Expression& value, std::string_view input, JqPrograms& programs);

/// An answer's headers, by their names in lower case, as the object that expressions see: repeated
/// ones joined by ", ", and the Link header as its links by their relation, each with `target_url`
/// and `attributes`.
std::string headers_as_json(const std::vector<std::pair<std::string, std::string>>& headers);

}  // namespace source_sentry
