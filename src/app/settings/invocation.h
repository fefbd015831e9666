#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "files/format/options.h"

namespace source_sentry {

/// A setting that the command line names.
struct SettingFlag {
  std::string flag;  ///< as people know it: "--org", "--set num_workers"
  std::string key;   ///< of the configuration
  std::string value;
};

/// What the command line asks for.
struct Invocation {
  enum class Command { kNone, kSpec, kCheck, kDiscover, kRead, kConfig, kStreams, kPreview, kPlan };

  Command command = Command::kNone;
  std::string config_file;            ///< empty: none given
  std::vector<SettingFlag> settings;  ///< in the order in which they came
  std::string catalog_file;           ///< empty: see `streams`
  std::vector<std::string> streams;   ///< patterns of names; empty: the suggested ones, or all
  bool full_refresh = false;          ///< every stream is read whole
  std::string state_file;             ///< empty: none given
  std::string output_folder;          ///< where `read` writes files; empty: it writes to stdout
  FileOptions files;                  ///< how it writes them
  bool json = false;                  ///< what people are told is printed for programs
  bool duckdb = false;                ///< `streams` prints the columns of one for DuckDB
  std::size_t records = 5;            ///< `preview` shows so many
  std::string record_file;            ///< ... of these, "-" is stdin; empty: of the server's
  bool translated = false;            ///< `preview` prints the configuration's native form
  bool infer_schema = false;          ///< `preview` prints a schema of what it has seen
  bool debug = false;
  bool exit_code = false;  ///< `check` says by its exit code whether all is well
  std::string progress;    ///< auto, bar, plain, json or off; empty: none given
};

}  // namespace source_sentry
