#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace source_sentry {

/// A flag, or an argument that has a place instead of a name.
struct OptionOutline {
  /// What may stand there.
  enum class Values { kNone, kAny, kListed, kFiles, kFolders, kStream, kStreams };

  std::string name;    ///< "--config", or "-n"; of an argument what it takes: "STREAM..."
  std::string letter;  ///< "-h"; empty: it has none
  std::string type;    ///< as the help shows it: "jsonl|csv", "FILE"; empty for a flag alone
  std::string help;
  std::string group;  ///< "Settings"
  Values values = Values::kNone;
  std::vector<std::string> listed;  ///< those of kListed
  bool repeats = false;
  bool required = false;
};

/// A command; the program itself is one without a name.
struct CommandOutline {
  std::string name;
  std::string help;
  std::vector<OptionOutline> flags;
  std::vector<OptionOutline> arguments;
};

/// What the command line can say, as plain data: completions and the man page are made from it.
struct Outline {
  CommandOutline program;
  std::vector<CommandOutline> commands;
};

/// All of `app` but what its help does not show.
Outline outline_of(const CLI::App& app);

}  // namespace source_sentry
