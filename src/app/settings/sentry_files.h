#pragma once

#include <map>
#include <string>
#include <string_view>

namespace source_sentry {

/// Values by their names, with the section before the name: "defaults.org".
using NamedValues = std::map<std::string, std::string>;

/// Reads a file such as .sentryclirc: sections in brackets, `key = value` or `key: value`, comments
/// behind ; or #. What is none of these is ignored.
NamedValues read_ini(std::string_view text);

/// Reads a file such as sentry.properties, as Java writes it: `key=value`, `key: value` or `key
/// value`, comments behind # or !, backslashes before characters that mean something.
NamedValues read_properties(std::string_view text);

}  // namespace source_sentry
