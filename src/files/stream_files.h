#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "files/append_file.h"
#include "files/format/csv.h"
#include "files/format/options.h"
#include "files/layout.h"
#include "files/line_memory.h"
#include "files/manifest.h"
#include "files/record_file.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// How a stream is read into a folder.
struct FileMode {
  bool full_refresh = false;
  /// Whether a full refresh can resume from such a state, which an earlier one has left.
  std::function<bool(const nlohmann::json& state)> resumes{};
  std::string cursor_key{};  ///< tells a record's day; empty: it has none
  /// The members that tell records apart, for their newest copies; empty: none is written twice.
  std::vector<std::string> key{};
  std::vector<std::string> columns{};  ///< the members that the schema knows, for CSV
  std::optional<Instant> since{};      ///< nothing older is read; not set: it is not bounded
};

/// What all streams of a folder share.
struct FileSetting {
  Layout layout;
  FileOptions options;
  Clock& clock;
};

/// The files of one stream: records alone, one a line, each once. An incremental read appends to
/// what is there. A full refresh writes beside it and takes its place when it is complete; one that
/// replaces nothing writes in place. Thread-safe.
class StreamFiles {
 public:
  /// `saved`: what the folder's manifest says of the stream; nothing if it does not know it. Cuts
  /// off what is not covered by that. Throws a ConnectorError where the files cannot be written, or
  /// are not as the manifest says. The setting must outlive it.
  StreamFiles(const FileSetting& setting, std::string stream,
              const std::optional<SavedStream>& saved, const FileMode& mode, std::uint64_t run);

  /// What reading resumes from; null for the beginning.
  nlohmann::json state() const;

  /// Writes records, see StreamSink::records, but for those that the files hold already. Throws a
  /// ConnectorError once writing has failed.
  void append(std::span<const std::string_view> pieces);

  /// So many records are not there, see StreamSink::left_out.
  void note_left_out(std::uint64_t count);

  /// `state` covers all records so far.
  void mark(nlohmann::ordered_json state);

  /// The stream has ended, with this state.
  void end(SavedStream::Status status, nlohmann::ordered_json state);

  /// Something could not be read.
  void add_error(std::string message);

  /// Waits until all that is marked is on the disk. Returns what the manifest may say then. Throws
  /// a ConnectorError if it cannot be, and then always.
  SavedStream save();

  /// Puts the successor in place. The manifest on the disk must say that it is due.
  SavedStream settle();

  /// Writes the newest copy of each record beside the files, where records may be there in several.
  /// Everything must have ended. Throws a ConnectorError if that is not possible.
  void write_latest();

  std::uint64_t saved_records() const;  ///< by this run, up to the last mark
  Written written() const;              ///< by this run

 private:
  using Lines = std::vector<std::string_view>;
  using Files = std::set<std::shared_ptr<RecordFile>>;

  void choose_target(const FileMode& mode);
  void note_since(const FileMode& mode);
  void open(bool is_known);
  void make_sure_of_lines(const std::filesystem::path& path);
  RecordFile& file_of(const std::string& day);
  SavedFile next_file(const std::string& day) const;
  bool is_done(const SavedFile& file) const;
  void write(const std::string& day, const Lines& lines);
  void mark_now();
  std::optional<ConnectorError> sync(const Files& files);
  [[noreturn]] void lose(const ConnectorError& error);
  void cut_off_the_rest();
  template <typename Act>
  void or_fail(Act act);
  std::string day_of(std::string_view record) const;
  SavedRecords& target() { return saved_.successor ? *saved_.successor : saved_.records; }
  const SavedRecords& target() const {
    return saved_.successor ? *saved_.successor : saved_.records;
  }

  const FileSetting& setting_;
  const std::string stream_;
  const std::uint64_t run_;
  const std::vector<std::string> key_;
  const std::string day_key_;  // empty: not one file for each day
  mutable std::mutex mutex_;
  SavedStream saved_;  // with what is marked
  std::optional<Csv> csv_;
  // Shared, since they are saved while others append. By day, and only those not rotated yet.
  std::map<std::string, std::shared_ptr<RecordFile>> files_;
  Files not_synced_;
  std::unique_ptr<AppendFile> lines_;
  LineMemory memory_;
  std::uint64_t records_before_ = 0;               // of earlier runs
  bool old_is_complete_ = false;                   // what a successor would replace
  std::optional<nlohmann::ordered_json> to_mark_;  // covers all, and waits for a worthwhile frame
  std::uint64_t since_mark_ = 0;                   // bytes
  Instant marked_at_{};                            // by the steady clock
  Written written_;
  std::optional<ConnectorError> failure_;  // of writing
  std::optional<ConnectorError> lost_;     // what was written may not be on the disk
};

}  // namespace source_sentry
