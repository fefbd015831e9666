#include "app/usage/completion.h"

#include <algorithm>

#include "sentry/streams/table.h"

namespace source_sentry {

std::string joined(const std::vector<std::string>& texts, const char* between) {
  std::string all;
  for (const std::string& text : texts) all.append(all.empty() ? "" : between).append(text);
  return all;
}

std::string names_of_streams() {
  std::vector<std::string> names;
  for (const StreamSpec& spec : stream_table()) names.push_back(spec.name);
  return joined(names, " ");
}

std::vector<OptionOutline> flags_of(const Outline& outline, const CommandOutline& command) {
  std::vector<OptionOutline> flags = command.flags;
  for (const OptionOutline& flag : outline.program.flags) {
    const bool has = std::any_of(flags.begin(), flags.end(),
                                 [&](const auto& own) { return own.name == flag.name; });
    if (!has) flags.push_back(flag);
  }
  return flags;
}

std::string with_value(std::string text, std::string_view mark, const std::string& value) {
  return text.replace(text.find(mark), mark.size(), value);
}

std::string completion_for(const std::string& shell, const Outline& outline) {
  if (shell == "zsh") return zsh_completion(outline);
  if (shell == "fish") return fish_completion(outline);
  return bash_completion(outline);
}

}  // namespace source_sentry
