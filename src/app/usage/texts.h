#pragma once

#include <string>
#include <utility>
#include <vector>

namespace source_sentry {

/// What the program is, in one sentence.
inline constexpr const char* kSummary = "Gets data out of Sentry, as files or as Airbyte messages.";

/// What follows that sentence.
inline constexpr const char* kDescription =
    "read --output DIR writes records into files, and resumes from them when it is run again. "
    "Without --output, read prints messages of the Airbyte protocol, one JSON line each, as check, "
    "discover and spec do.";

/// A part of the help and of the man page, below the flags.
struct Section {
  std::string title;
  /// Each with what it means; among the examples a sentence with its command line.
  std::vector<std::pair<std::string, std::string>> rows;
  bool command_lines = false;  ///< these are the examples
};

/// Examples, exit status, environment and files.
const std::vector<Section>& sections();

/// The values of a type such as "jsonl|csv", which lists what a flag may be given; empty for one in
/// capitals, which names what it takes.
std::vector<std::string> listed_values(const std::string& type);

/// `text` in lines of at most `width` characters, unless a word is longer. Lines that it already
/// has stay.
std::string wrapped(const std::string& text, std::size_t width);

/// The sections as the help shows them. `column`: where explanations begin; `width`: where lines
/// end.
std::string sections_text(std::size_t column, std::size_t width);

}  // namespace source_sentry
