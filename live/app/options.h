#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/settings/invocation.h"
#include "base/time.h"
#include "live/server/http_server.h"
#include "spool/spool_writer.h"

namespace source_sentry {

/// An address to listen on; port 0: any free one.
struct ListenAddress {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};

/// What the command line asks of the listener.
struct ListenOptions {
  enum class Command {
    kListen,
    kDoctor,    ///< asks Sentry whether webhooks can come
    kUiSchema,  ///< prints the schema of the integration's UI components
  };
  /// Where records go.
  enum class Emit {
    kStdout,  ///< as Airbyte's messages
    kFolder,
    kSpool,  ///< nowhere: another process reads the spool
  };

  Command command = Command::kListen;
  Invocation invocation;  ///< settings of the connector, as those of `read`; its output folder
  ListenAddress listen{"127.0.0.1", 8080};
  std::optional<ListenAddress> health{{"127.0.0.1", 8081}};  ///< not set: there is none
  std::string path = "/";                                    ///< of the integration's webhooks
  std::vector<std::string> secret_files;
  std::string endpoints_file;  ///< further endpoints; empty: there are none
  bool allow_unsigned = false;
  std::vector<std::string> proxies;  ///< addresses of proxies in front, besides this machine's
  std::string spool = "spool";
  SpoolLimits limits{};
  Emit emit = Emit::kStdout;
  std::optional<bool> refetch{};  ///< not set: where there is a token
  Duration resync{};              ///< zero: never
  Duration time_window = std::chrono::minutes(5);
  std::optional<ServerTls> tls{};
  bool notion = false;
  std::string prefix;      ///< of the paths of UI components: "/sentry"
  std::string public_url;  ///< for the doctor: the address that Sentry sends to
};

/// Reads the command line. Nothing where the process is to end at once, with `exit_code`: it is
/// wrong, or asked for help.
std::optional<ListenOptions> parse_listen_options(int argc, const char* const* argv,
                                                  int& exit_code);

}  // namespace source_sentry
