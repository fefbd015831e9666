#pragma once

#include <string>
#include <vector>

#include "app/settings/invocation.h"

namespace CLI {
class App;
}

namespace source_sentry {

/// Adds the flags for settings: for those that most people need each one of its own, and one for
/// the others. What they are given is added to `settings`, which must outlive the parsing.
void add_setting_flags(CLI::App& command, std::vector<SettingFlag>& settings);

/// Throws CLI11's ParseError for a flag that brings a token along, before anything else can print
/// it.
void refuse_secrets(const std::vector<std::string>& arguments);

}  // namespace source_sentry
