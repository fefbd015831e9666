#pragma once

#include <filesystem>
#include <string>

namespace source_sentry {

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

}  // namespace source_sentry
