#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace source_sentry {

/// The arguments with whole names in place of shortened flags: Airbyte's own connectors accept
/// `--conf` for `--config`, as Python's argparse does; CLI11 does not. A flag is completed to the
/// only one that begins so among those of the command that is called and of the program; any other
/// stays as it is.
std::vector<std::string> with_whole_flags(const CLI::App& app, std::vector<std::string> arguments);

/// What is wrong with arguments that no flag and no command takes, in reading order, after `app`
/// has parsed them; nothing where there is none.
std::optional<std::string> unexpected_in(const CLI::App& app);

}  // namespace source_sentry
