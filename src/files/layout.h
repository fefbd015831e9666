#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "files/format/options.h"
#include "files/manifest.h"

namespace source_sentry {

/// In the names of files that follow each other: "events.0002.jsonl". At least so many.
inline constexpr std::size_t kFileDigits = 4;

/// What is where in a folder.
///
///     manifest.json                    the one file that says what the others hold
///     STREAM.jsonl                     the records; docs/files.md says how several files are named
///     .source-sentry/lock              held by the run that writes
///     .source-sentry/STREAM.lines      the hashes of the records, see LineMemory
///     .source-sentry/next/STREAM/      the same of a full refresh that is not complete yet
struct Layout {
  std::filesystem::path folder;

  std::filesystem::path manifest() const { return folder / "manifest.json"; }
  std::filesystem::path ours() const { return folder / ".source-sentry"; }
  std::filesystem::path lock() const { return ours() / "lock"; }
  std::filesystem::path next(const std::string& stream) const { return ours() / "next" / stream; }

  /// The hashes of a stream's records.
  std::filesystem::path lines(const std::string& stream, bool of_next) const {
    return (of_next ? next(stream) : ours()) / (stream + ".lines");
  }
  /// A file of records, by its name in the manifest.
  std::filesystem::path records(const std::string& stream, const std::string& name,
                                bool of_next) const {
    return (of_next ? next(stream) : folder) / name;
  }
};

/// Removes the files of records that a run which was killed has begun, and that no manifest came to
/// know: those that are named as the stream's are, with or without numbers, and are not `saved`.
/// Throws a ConnectorError where that is not possible.
void remove_unsaved(const Layout& layout, const std::string& stream, const FileOptions& options,
                    const std::vector<SavedFile>& saved);

/// Moves the files of a successor that is due to their places; those that are there already are
/// left. Whether there was one.
bool put_in_place(const Layout& layout, const std::string& stream, SavedStream& saved);

}  // namespace source_sentry
