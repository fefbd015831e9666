#pragma once

#include <string>
#include <vector>

#include "files/format/options.h"

namespace source_sentry {

/// What the command line asks for.
struct Invocation {
  enum class Command { kNone, kSpec, kCheck, kDiscover, kRead };

  Command command = Command::kNone;
  std::string config_file;
  std::string catalog_file;          ///< empty: see `streams`
  std::vector<std::string> streams;  ///< patterns of names; empty: the suggested ones
  bool full_refresh = false;         ///< every stream is read whole
  std::string state_file;            ///< empty: none given
  std::string output_folder;         ///< where `read` writes files; empty: it writes to stdout
  FileOptions files;                 ///< how it writes them
  bool debug = false;
  bool exit_code = false;  ///< `check` says by its exit code whether all is well
  std::string progress;    ///< auto, bar, plain, json or off; empty: none given
};

}  // namespace source_sentry
