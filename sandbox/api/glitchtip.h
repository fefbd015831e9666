#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "sandbox/api/parameters.h"
#include "sandbox/api/route.h"

/// What GlitchTip does in its own way for every list and error (sentry-api.md 6).
namespace sandbox {

/// Base64 of what Sentry's form says.
std::string glitchtip_cursor(const Cursor& cursor);
/// Of nonsense, none: the list begins anew.
std::optional<Cursor> parse_glitchtip_cursor(std::string_view text);

/// The Link header. Since version 4 (`as_set`) it is the text of a Python set, and an entry without
/// results has no cursor and points at the page itself.
std::string glitchtip_link(std::string_view url, std::string_view query, const PageLinks& links,
                           bool as_set);

/// The page of a list by one descending column, in which a cursor steps over 100 ties at most: what
/// more rows have in common cannot be paged through.
Page glitchtip_page(const Call& call, std::size_t total,
                    const std::function<Instant(std::size_t)>& time_of);

/// X-Hits and X-Max-Hits; neither is ever above 1000.
void add_hits(Answer& answer, std::size_t total);

/// Such a list. Nothing settles the order of ties: a page that begins among them begins with the
/// row that the page before ended with, and the one whose place it takes is on none.
template <typename Append>
Answer glitchtip_list(const Call& call, std::size_t total,
                      const std::function<Instant(std::size_t)>& time_of, Append append) {
  const Page page = glitchtip_page(call, total, time_of);
  const std::size_t first = page.first;
  const bool tied = page.count > 0 && first > 0 && time_of(first) == time_of(first - 1);
  Answer answer = list_answer(page, [&](JsonWriter& json, std::size_t row) {
    append(json, tied && row == first ? row - 1 : row);
  });
  add_hits(answer, total);
  return answer;
}

/// Routes of Sentry that are none of GlitchTip's.
bool glitchtip_lacks(const RouteSpec& route);
std::span<const std::string_view> glitchtip_scopes(const RouteSpec& route);

/// A refusal in GlitchTip's words.
void reword_as_glitchtip(Answer& answer);

}  // namespace sandbox
