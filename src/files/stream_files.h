#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "files/append_file.h"
#include "files/layout.h"
#include "files/line_memory.h"
#include "files/manifest.h"

namespace source_sentry {

/// How a stream is read into a folder.
struct FileMode {
  bool full_refresh = false;
  /// Whether a full refresh can resume from such a state, which an earlier one has left.
  std::function<bool(const nlohmann::json& state)> resumes;
};

/// The files of one stream: records alone, one a line, each once. An incremental read appends to
/// what is there. A full refresh writes beside it and takes its place when it is complete; one that
/// replaces nothing writes in place. Thread-safe.
class StreamFiles {
 public:
  /// `saved`: what the folder's manifest says of the stream. Cuts off what is not covered by that.
  /// Throws a ConnectorError where the files cannot be written, or are not as the manifest says.
  StreamFiles(Layout layout, std::string stream, SavedStream saved, const FileMode& mode,
              std::uint64_t run);

  /// What reading resumes from; null for the beginning.
  nlohmann::json state() const;

  /// Writes records, see StreamSink::records, but for those that the files hold already. Throws a
  /// ConnectorError once writing has failed.
  void append(std::span<const std::string_view> pieces);

  /// `state` covers all records so far.
  void mark(nlohmann::ordered_json state);

  /// The stream has ended, with this state.
  void end(SavedStream::Status status, nlohmann::ordered_json state);

  /// Something could not be read.
  void add_error(std::string message);

  /// Waits until all that is marked is on the disk. Returns what the manifest may say then.
  SavedStream save();

  /// Puts the successor in place. The manifest on the disk must say that it is due.
  SavedStream settle();

  std::uint64_t written() const;        ///< records, by this run
  std::uint64_t total_bytes() const;    ///< of these
  std::uint64_t known_already() const;  ///< records that came again

 private:
  void choose_target(const FileMode& mode);
  void open();
  SavedRecords& target() { return saved_.successor ? *saved_.successor : saved_.records; }
  const SavedRecords& target() const {
    return saved_.successor ? *saved_.successor : saved_.records;
  }
  void mark_locked(nlohmann::ordered_json state);
  void cut_off_the_rest();

  const Layout layout_;
  const std::string stream_;
  const std::uint64_t run_;
  mutable std::mutex mutex_;
  SavedStream saved_;  // with what is marked
  // Shared, since they are saved while others append.
  std::shared_ptr<AppendFile> file_;
  std::shared_ptr<AppendFile> lines_;
  LineMemory memory_;
  std::uint64_t records_ = 0;         // in the file, marked or not
  std::uint64_t records_before_ = 0;  // of earlier runs
  bool old_is_complete_ = false;      // what a successor would replace
  std::uint64_t bytes_ = 0;
  std::uint64_t again_ = 0;
  std::optional<ConnectorError> failure_;
};

/// Moves the files of a successor that is due to their places; does nothing where that is done.
void put_in_place(const Layout& layout, const std::string& stream, SavedStream& saved);

}  // namespace source_sentry
