#pragma once

#include <filesystem>
#include <string_view>

namespace source_sentry {

/// Puts a file with that text, which its owner alone may read, in place of the one of that name. A
/// crash leaves the one or the other, whole; what is written lasts. Throws a ConnectorError.
void write_private_file(const std::filesystem::path& path, std::string_view text);

}  // namespace source_sentry
