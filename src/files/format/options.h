#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/time.h"

namespace source_sentry {

enum class FileFormat { kJsonLines, kCsv };
enum class Compression { kNone, kGzip, kZstd };

/// How records are written into files.
struct FileOptions {
  FileFormat format = FileFormat::kJsonLines;
  Compression compression = Compression::kNone;
  bool by_day = false;                ///< one file for each day of the stream's cursor, in UTC
  std::uint64_t rotate_at_bytes = 0;  ///< a file is not longer, but for its last page; 0: it may be
  Duration rotate_after{};            ///< a file is not begun longer ago; zero: it may be

  bool dedupe = false;  ///< also write the newest copy of each record, see write_latest()

  bool rotates() const { return rotate_at_bytes > 0 || rotate_after > Duration::zero(); }

  /// "jsonl.zst": how the names of the files end.
  std::string ending() const;

  /// What a folder keeps of them for good, as its manifest says it: all but when files are rotated,
  /// and what is made of them.
  nlohmann::ordered_json lasting() const;
};

/// Reads "jsonl" and "csv", "none", "gzip" and "zstd", or nothing.
std::optional<FileFormat> parse_format(const std::string& text);
std::optional<Compression> parse_compression(const std::string& text);

/// Reads "256MB", "10 kB" and "1GiB" as bytes, "1d", "12h" and "PT1H" as a time, into the options.
/// False where `text` is neither, or zero.
bool parse_rotation(const std::string& text, FileOptions& options);

}  // namespace source_sentry
