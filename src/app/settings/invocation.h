#pragma once

#include <string>

#include "files/format/options.h"

namespace source_sentry {

/// What the command line asks for.
struct Invocation {
  enum class Command { kNone, kSpec, kCheck, kDiscover, kRead };

  Command command = Command::kNone;
  std::string config_file;
  std::string catalog_file;
  std::string state_file;     ///< empty: none given
  std::string output_folder;  ///< where `read` writes files; empty: it writes to stdout
  FileOptions files;          ///< how it writes them
  bool debug = false;
};

}  // namespace source_sentry
