#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace source_sentry {

/// Notion's limits of one text, one URL, and one list of texts.
inline constexpr std::size_t kLongestText = 2'000;
inline constexpr std::size_t kLongestUrl = 2'000;
inline constexpr std::size_t kMostTexts = 100;

/// An id in Notion's form, with dashes and in lower case; it may come without. Empty where the text
/// is no id.
std::string notion_id(std::string_view text);

/// A text as Notion takes it: a list of items that are not too long, and not too many.
nlohmann::json text_items(std::string_view text);

/// The description as paragraphs; an empty one is none. What does not fit into one request is left
/// out, and the last paragraph says so.
nlohmann::json paragraphs(std::string_view text);

/// The page's title; empty where it has none.
std::string title_of(const nlohmann::json& page);

/// What Sentry shows of a page: `TASK-7`, or `7` where the column has no prefix. Empty while Notion
/// has not given it.
std::string identifier_of(const nlohmann::json& page, const std::string& column);

/// The URL in a column of the page; empty for none.
std::string url_in(const nlohmann::json& page, const std::string& column);

/// `in_trash`, which was `archived` once.
bool is_in_trash(const nlohmann::json& page);

}  // namespace source_sentry
