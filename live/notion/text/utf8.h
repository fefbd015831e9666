#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// The code point at `at`, which moves behind it. A byte that is no UTF-8 is U+FFFD.
std::uint32_t next_code_point(std::string_view text, std::size_t& at);

void add_utf8(std::uint32_t code, std::string& text);

/// How many UTF-16 units the text has: Notion's limits may count those, and never count less than
/// code points.
std::size_t utf16_units(std::string_view text);

/// The text in pieces of at most `most` UTF-16 units, cut between code points; none where it is
/// empty.
std::vector<std::string> pieces_of(std::string_view text, std::size_t most);

/// Its first `most` UTF-16 units, or one less where that would cut a code point.
std::string first_units(std::string_view text, std::size_t most);

}  // namespace source_sentry
