#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// The user name and password that a URL carries before its host, `user:password`, as written;
/// empty when it carries none.
std::string_view login_of(std::string_view url);

/// A text that was meant as a URL, for showing to people: everything before its last `@` except the
/// scheme is replaced by `****`.
std::string without_login(std::string_view url);

}  // namespace source_sentry
