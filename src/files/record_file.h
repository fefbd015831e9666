#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "files/append_file.h"
#include "files/format/csv.h"
#include "files/format/options.h"
#include "files/format/packer.h"
#include "files/manifest.h"

namespace source_sentry {

/// One file of records, compressed or not. Not thread-safe, but for sync().
class RecordFile {
 public:
  /// Opens the file, or makes it, and cuts off what `saved` does not cover. `csv`: what writes its
  /// header, which comes with the first records or mark: a run that ends before that leaves nothing
  /// in a file that no manifest knows. May be null. Throws a ConnectorError where that is not
  /// possible.
  RecordFile(const std::filesystem::path& path, SavedFile saved, Compression compression,
             const Csv* csv);

  /// Writes `lines`, which are as many records. Throws a ConnectorError if that fails.
  void append(std::span<const std::string_view> lines, std::uint64_t records);

  /// What is written so far is to be kept: it ends a frame.
  void mark();

  /// Cuts off what is behind the last mark.
  void cut_to_mark() { file_.cut(saved_.bytes); }

  /// Waits until it is on the disk. Safe to call while another thread appends.
  void sync() { file_.sync(); }

  const SavedFile& saved() const { return saved_; }  ///< as of the last mark

 private:
  void write_header();
  void write(std::span<const std::string_view> lines);

  AppendFile file_;
  SavedFile saved_;
  std::unique_ptr<Packer> packer_;
  std::uint64_t records_;  // with those behind the mark
  std::string header_;     // still to be written
};

}  // namespace source_sentry
