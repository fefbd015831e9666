#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "files/format/options.h"
#include "files/manifest.h"

namespace source_sentry {

/// Gives every record of a file to `take`, with its line end: a line of JSON or a row of CSV, but
/// not the header. Reads it in pieces, so memory is that of the longest record. Throws a
/// ConnectorError where the file cannot be read or is damaged.
void read_records(const std::filesystem::path& path, const SavedFile& saved,
                  const FileOptions& options,
                  const std::function<void(std::string_view record)>& take);

}  // namespace source_sentry
