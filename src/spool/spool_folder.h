#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/descriptor.h"

namespace source_sentry {

/// The number of the last segment that there can be: its file's name has eight digits.
inline constexpr std::uint64_t kLastSegment = 99'999'999;

/// Throws the ConnectorError for what the system does not allow: `path` cannot be `what`
/// ("written"), for its reason `code` (errno).
[[noreturn]] void refuse_spool(const std::filesystem::path& path, const std::string& what,
                               int code);

/// The file of a segment: spool-00000001.log in the folder.
std::filesystem::path segment_path(const std::filesystem::path& folder, std::uint64_t number);

/// The numbers of the segments in the folder, in order. Other files are none. Throws a
/// ConnectorError where the folder cannot be read.
std::vector<std::uint64_t> list_segments(const std::filesystem::path& folder);

/// Makes the folder, for this user alone, and those above it; does nothing where it is there.
/// Throws a ConnectorError where it cannot.
void make_spool_folder(const std::filesystem::path& folder);

/// Keeps other writers out for as long as the result lives, or the process. Throws a ConnectorError
/// where another one is at work.
Descriptor lock_spool_folder(const std::filesystem::path& folder);

}  // namespace source_sentry
