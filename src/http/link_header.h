#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// What a Link header says about the page after this one.
struct NextPage {
  bool results = false;  ///< the server says that there is one
  std::string cursor;    ///< opaque; empty when the header had none
};

/// Reads the `rel="next"` entry of Sentry's Link header:
/// `<URL>; rel="previous"; results="false"; cursor="C", <URL>; rel="next"; results="true"; ...`.
/// Only the flag and the cursor are taken, never the URL: it may name another host, another scheme
/// or lack the proxy's prefix. Order of the attributes, missing quotes, a trailing `;` (old
/// servers) and a wrapping `{'...'}` (GlitchTip 4 and 5) do not matter. Nothing when there is no
/// such entry or it does not say `results`.
std::optional<NextPage> parse_link_next(std::string_view header);

}  // namespace source_sentry
