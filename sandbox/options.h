#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sandbox/quirks.h"
#include "sandbox/render/event_scene.h"
#include "sandbox/server/limits.h"
#include "sandbox/world/builder.h"

namespace sandbox {

/// Everything the command line says.
struct Options {
  std::string host = "127.0.0.1";
  int port = 9911;  ///< 0 takes any free one
  std::string prefix;
  std::string public_url;  ///< what links point to; empty for where the sandbox listens
  std::string announce;    ///< file to write the address to; empty for none
  std::string tls_cert;
  std::string tls_key;
  std::optional<Instant> now;  ///< when the clock starts; none for now
  WorldPlan plan;
  EventSize event_size = EventSize::kTypical;
  int latency_ms = 0;
  bool gzip = true;
  int threads = 64;
  bool enforce_limits = false;
  std::vector<LimitOverride> limits;
  Quirks quirks;

  bool tls() const { return !tls_cert.empty(); }
};

/// What parsing ends with: options to run with, or an exit code because everything is said.
struct ParsedOptions {
  std::optional<Options> options;
  int exit_code = 0;
};

ParsedOptions parse_options(int argc, const char* const* argv);

/// The options as JSON, for `GET /_sandbox/options`. `url` is where the sandbox listens.
std::string describe(const Options& options, const std::string& url);

}  // namespace sandbox
