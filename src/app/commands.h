#pragma once

#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

#include "app/cli.h"
#include "protocol/emitter.h"

namespace source_sentry {

/// The four commands of the protocol. Each returns the process's exit code and reports whatever
/// goes wrong through `emitter`, so none throws.
int run_spec(Emitter& emitter);
int run_check(const Invocation& invocation, Emitter& emitter, std::stop_token stop);
int run_discover(const Invocation& invocation, Emitter& emitter);
int run_read(const Invocation& invocation, Emitter& emitter, std::stop_token stop);

/// Reads a JSON file, whatever its name ends in. Throws a ConnectorError that names the file and
/// the place of the mistake; `what` is the file's part in the run: "configuration".
nlohmann::json read_json_file(const std::string& path, const std::string& what);

}  // namespace source_sentry
