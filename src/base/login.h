#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// The user name and password that a URL carries before its host, `user:password`, as written;
/// empty when it carries none.
std::string_view login_of(std::string_view url);

/// A text that was meant as a URL, for showing it to people: whatever stands before its last `@` is
/// replaced by `****`, the scheme excepted.
std::string without_login(std::string_view url);

}  // namespace source_sentry
