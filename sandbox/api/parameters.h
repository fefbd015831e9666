#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sandbox/api/route.h"
#include "sandbox/api/time_range.h"

namespace sandbox {

/// A 400 with a text; a 500 where 9.1.2 has one and the quirk asks for it.
Refusal bad_parameter(const Call& call, std::string_view detail);

/// The cursor of a request. Throws Refusal when it is malformed.
std::optional<Cursor> request_cursor(const Call& call);

/// The page size by the route's spec: `per_page` is refused over its maximum, `limit` is cut to it.
/// Throws Refusal.
std::size_t request_page_size(const Call& call);

/// The page of a list in its final order, by the route's row or page offsets. Throws Refusal.
Page request_page(const Call& call, std::size_t total, std::size_t size);
inline Page request_page(const Call& call, std::size_t total) {
  return request_page(call, total, request_page_size(call));
}

/// The range of time a request asks for, as an organization's routes read it: the last
/// `default_days` days when none is given. Throws Refusal.
std::optional<TimeRange> request_range(const Call& call, std::optional<int> default_days);

/// The query parameter's value with the spaces around it taken off; `missing` when there is none.
std::string_view request_search(const Call& call, std::string_view missing);

/// Which projects of the organization a request is about: ids and slugs named in `project`, all for
/// -1, else those the caller is a member of (or may see, where `all_by_default`). Throws Refusal
/// for projects that are not there.
std::vector<Index> request_projects(const Call& call, bool all_by_default);

/// Which environments a request is about, as indexes into `environments()`; -1 stands for events
/// without one. Empty means all. Throws Refusal for unknown ones.
std::vector<int> request_environments(const Call& call);

/// Renders rows `page.first` and following with `append(json, row)`, with the page's links.
template <typename Append>
Answer list_answer(const Page& page, Append append) {
  Answer answer;
  JsonWriter json(answer.body);
  json.begin_array();
  for (std::size_t i = 0; i < page.count; ++i) append(json, page.first + i);
  json.end_array();
  answer.links = page.links;
  return answer;
}

/// The same without pages: the whole list and no Link header.
template <typename Append>
Answer whole_list_answer(std::size_t total, Append append) {
  Answer answer = list_answer(Page{0, total, {}}, append);
  answer.links.reset();
  return answer;
}

}  // namespace sandbox
