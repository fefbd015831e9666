#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// One member of a JSON object, as slices of its bytes.
struct Member {
  std::string_view key;    ///< without its quotes; escapes stay as they are
  std::string_view value;  ///< without the white space around it
};

/// The position of the comma or the bracket that ends the value which starts at `at`, by strings
/// and brackets alone; the text's size or more where none does.
std::size_t end_of_value(std::string_view text, std::size_t at);

/// The top-level members of `object`, which RecordSplitter has checked, in their order. For small
/// records; the hot path does without.
std::vector<Member> top_level_members(std::string_view object);

/// The value of the first top-level member of `object` with that key, as it was sent; empty when
/// there is none. RecordSplitter has checked `object`.
std::string_view member_value(std::string_view object, std::string_view key);

/// The same for members.
std::string_view find_value(const std::vector<Member>& members, std::string_view key);

/// The elements of `array`, a JSON value that RecordSplitter has checked; none where it is not an
/// array.
std::vector<std::string_view> elements_of(std::string_view array);

/// `object` with `text` as that key's value, where it has no value there, or null or ""; nothing
/// where it has one. An object with the key near its beginning costs next to nothing.
std::optional<std::string> filled(std::string_view object, std::string_view key,
                                  std::string_view text);

/// `object` with `json` as the value of one more member, the last.
std::string with_member(std::string_view object, std::string_view key, std::string_view json);

/// The text of a value that is a JSON string; empty for any other value, and where its escapes are
/// not text (a lone surrogate).
std::string text_of_value(std::string_view value);

}  // namespace source_sentry
