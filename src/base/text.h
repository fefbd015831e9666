#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace source_sentry {

/// `text` without the white space around it.
std::string_view trim(std::string_view text);

/// The text without what differs each time: long hexadecimal numbers, such as the ids that servers
/// give to their errors.
std::string without_ids(std::string_view text);

/// "1 record", "2 records".
std::string number_of(std::uint64_t count, std::string_view thing);

/// "1 entry that is not a record", "2 entries that are not records".
std::string entries_not(std::uint64_t count, std::string_view thing);

/// ASCII letters in lower case.
std::string lower(std::string_view text);

/// ASCII only.
bool is_letter_or_digit(char c);

/// Marks the place where excerpt() has cut a text.
inline constexpr std::string_view kCut = "...";

/// `text` with a blank in place of each character that a terminal would obey and not show: controls
/// (those of UTF-8 too), line ends among them, and what changes the direction of writing.
std::string without_controls(std::string_view text);

/// `text` as one line of at most `most` bytes for a message to people: without controls, and with
/// kCut for what is left out. Nothing else may cut texts that may hold a secret: Secrets::redact
/// looks for its mark.
std::string excerpt(std::string_view text, std::size_t most);

/// How many letters must be inserted, removed or changed to turn one text into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// FNV-1a in 64 bits: the same on every machine and in every version. `hash`: the hash of what
/// comes before `text`.
std::uint64_t fnv1a(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325);

/// Whether one of the texts of `list` is `text`.
template <typename List>
bool holds(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace source_sentry
