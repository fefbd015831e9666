#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/descriptor.h"
#include "files/manifest.h"
#include "files/stream_files.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// A folder of files, one for each stream, that a read fills and the next read goes on with. Its
/// manifest names the safe length of every file and the state that covers it. It is replaced at
/// once after the files are on the disk, so that after a kill at any moment no record is lost, torn
/// or doubled. One run at a time holds a folder. Thread-safe, once all streams have begun.
class Folder {
 public:
  /// Who hears of it, and what may be written down of a text that a server has sent.
  struct Listener {
    std::function<void(const ConnectorError& error, const std::string& stream)> error;
    std::function<std::string(std::string_view text)> without_secrets;
  };

  /// Opens the folder, or makes it. `of`: whose records it holds; `options`: how they are written.
  /// Throws a ConnectorError where it cannot be used: it holds those of another source or written
  /// in another way, another run holds it, the disk is full.
  Folder(std::filesystem::path path, nlohmann::json of, const FileOptions& options, Clock& clock,
         Listener listener);
  ~Folder();

  /// A stream that this run reads. Returns the state that it resumes from; null for the beginning.
  nlohmann::json begin(const std::string& stream, const FileMode& mode);

  /// Where the records of the streams that have begun go. The folder must outlive the sinks.
  OpenSink sinks();

  /// The run is over. Throws a ConnectorError if what was read last cannot be saved.
  void finish(bool complete);

  /// Saves what the sinks have been told, unless that was done a moment ago: saving takes a
  /// twentieth of the time at most. Throws a ConnectorError if it is not possible.
  void save_if_due();

  const std::filesystem::path& path() const { return setting_.layout.folder; }

 private:
  class Sink;

  void hold();
  void load(const nlohmann::json& of);
  void save();
  void write() const;
  SavedRun& run() { return manifest_.runs.back(); }

  const Layout& layout() const { return setting_.layout; }

  const FileSetting setting_;
  const Listener listener_;
  Descriptor lock_;
  std::map<std::string, std::unique_ptr<StreamFiles>> streams_;
  std::mutex mutex_;  // of what follows
  Manifest manifest_;
  Instant next_save_{};  // by the steady clock: not before
};

/// Throws a ConnectorError if the folder, whose manifest this is, holds the records of another than
/// `of`. An empty manifest is anybody's.
void refuse_other_owner(const Manifest& manifest, const nlohmann::json& of,
                        const std::filesystem::path& folder);

/// Where a shard writes in a folder that all shards share. Throws a ConnectorError if the folder
/// holds the records of another number of shards. `count` 1: all in one.
std::filesystem::path folder_of_shard(const std::filesystem::path& folder, std::size_t index,
                                      std::size_t count);

}  // namespace source_sentry
