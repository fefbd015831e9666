#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace source_sentry {

/// How much of a file counts: what is behind it was written by a run that could not finish it.
struct SavedFile {
  std::string name;           ///< below the folder
  std::uint64_t bytes = 0;    ///< its safe length
  std::uint64_t records = 0;  ///< in that part of it
  std::uint64_t run = 0;      ///< the run that began it, and when
  Instant begun{};
  std::string day{};  ///< of its records; empty: any
};

/// Records of a stream, and the state that covers them.
struct SavedRecords {
  std::vector<SavedFile> files;
  nlohmann::ordered_json state;  ///< null: nothing was read yet
  std::optional<Instant>
      since{};                 ///< nothing older was read; not set: it is not bounded, or not known
  std::uint64_t left_out = 0;  ///< records that are not there, see StreamSink::left_out

  std::uint64_t count() const;
};

/// What a folder knows of one stream.
struct SavedStream {
  enum class Status {
    kRunning,     ///< a run is reading it, or was killed
    kComplete,    ///< the last run read all of it
    kIncomplete,  ///< the last run left something out, or was stopped
  };

  Status status = Status::kRunning;
  bool full_refresh = false;  ///< the kind of run that wrote the records
  SavedRecords records;
  std::optional<SavedFile> latest;   ///< the newest copy of each record
  std::uint64_t latest_of = 0;       ///< how many records those are the newest of
  std::vector<std::string> errors;   ///< of the last run
  std::vector<std::string> columns;  ///< of its CSV, whatever the schema says by now
  /// A full refresh writes beside what is there, and takes its place at the end.
  std::optional<SavedRecords> successor;
  bool successor_is_due = false;  ///< it is whole: only its files are still to be moved
};

/// One run, for whoever wants to know when what was read.
struct SavedRun {
  std::uint64_t number = 0;
  Instant began{};
  std::optional<Instant> ended;  ///< none: it is running, or was killed
  bool complete = false;
  std::map<std::string, std::uint64_t> records;  ///< that it wrote, by stream
};

/// The contents of a folder's manifest.json, the one place that says what the folder holds.
struct Manifest {
  nlohmann::json of;       ///< the source: organization, server, shard
  nlohmann::json written;  ///< how: see FileOptions::lasting()
  std::map<std::string, SavedStream> streams;
  std::vector<SavedRun> runs;  ///< the last ones, the newest at the end

  nlohmann::ordered_json to_json() const;

  /// Throws a ConnectorError where `document`, read from `path`, is not a manifest of this version.
  static Manifest from_json(const nlohmann::json& document, const std::filesystem::path& path);
};

/// That of a folder; an empty one where there is none yet. Throws a ConnectorError where it cannot
/// be read.
Manifest read_manifest(const std::filesystem::path& folder);

}  // namespace source_sentry
