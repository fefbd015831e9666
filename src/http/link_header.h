#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// What an answer's Link header says about the page after this one.
struct NextPage {
  enum class Follows {
    kUnsaid,   ///< it is not about pages: there is no Link, or an unrelated one, such as a preload
    kNothing,  ///< this page is the last
    kMore,     ///< at `cursor`
    kUnclear,  ///< it is about pages or unreadable, and leads nowhere
  };

  Follows follows = Follows::kUnsaid;
  std::string cursor{};  ///< opaque; also on the last page, where the server gives one
};

/// Reads the `rel="next"` entry of Sentry's Link header: `<URL>; rel="previous";
/// results="false"; cursor="C", <URL>; rel="next"; results="true"; ...`. Only the flag and the
/// cursor are taken, never the URL: it may name another host, another scheme or lack the proxy's
/// prefix. Order, case and white space of the attributes, missing quotes, a trailing `;` (old
/// servers), a wrapping `{'...'}` (GlitchTip 4 and 5) and the entries of proxies before Sentry
/// do not matter.
///
/// A header that says that more follows without saying where, is malformed, or breaks off is
/// unclear. So is an empty one: a header that is there was meant to say something.
NextPage parse_link_next(std::string_view header);

}  // namespace source_sentry
