#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/commands/record_folder.h"
#include "live/drain/kept_states.h"
#include "protocol/emitter.h"
#include "sentry/config.h"
#include "sentry/source/source.h"

namespace source_sentry {

/// Where records go, cycle after cycle: to stdout, or into a folder as `read --output` writes it.
/// What has left is known after a restart: exactly in a folder, and at least on stdout, where the
/// last records may come twice. One thread at a time begins and ends cycles.
class Outlet {
 public:
  /// `folder` empty: stdout, whose states are kept in the file `states`. The others must outlive
  /// it.
  Outlet(std::string folder, std::filesystem::path states, const Config& config,
         const StreamTable& streams, Emitter& emitter);

  /// Begins a cycle with these streams, and gives each the state that it resumes from. Throws a
  /// ConnectorError where the folder cannot be written.
  OpenSink begin(std::vector<WantedStream>& wanted);

  /// Makes sure that the states so far are known after a restart.
  void save();

  /// The cycle is over. `complete`: all of its streams were read to their end.
  void end(bool complete);

 private:
  const std::string path_;
  const Config& config_;
  const StreamTable& streams_;
  Emitter& emitter_;
  std::unique_ptr<Folder> folder_;
  std::optional<KeptStates> states_;
};

}  // namespace source_sentry
