#include "sandbox/api/parameters.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "sandbox/api/glitchtip.h"
#include "sandbox/api/text.h"
#include "sandbox/world/vocabulary.h"

namespace sandbox {
namespace {

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::size_t per_page(const Call& call, std::string_view text) {
  const PageSpec& spec = call.route.page;
  const auto value = parse_integer(text);
  if (!value) throw bad_parameter(call, "Invalid per_page parameter.");
  if (*value > static_cast<std::int64_t>(spec.max_size)) {
    throw bad_parameter(
        call, "Invalid per_page value. Cannot exceed " + std::to_string(spec.max_size) + ".");
  }
  if (*value < 1) {
    // 9.1.2 gives empty pages for ever (sentry-api.md 11); today's servers refuse.
    if (call.quirk(Quirk::kOldErrors)) return 0;
    throw bad_parameter(call, "Invalid per_page value. Must be between 1 and " +
                                  std::to_string(spec.max_size) + ".");
  }
  return static_cast<std::size_t>(*value);
}

std::size_t limit(const Call& call, std::string_view text) {
  const auto value = parse_integer(text);
  if (!value) throw Refusal(detail_answer(400, "invalid limit"));
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(*value, 0, static_cast<std::int64_t>(call.route.page.max_size)));
}

void select_project(const Call& call, std::string_view name, bool by_slug,
                    std::vector<Index>& selected) {
  const auto found = call.world.find_project(call.organization, name);
  const bool as_asked = found && (call.world.project(*found).slug == name) == by_slug;
  // A project that is not there and one that is another organization's look the same.
  if (!as_asked) throw Refusal(forbidden());
  if (std::find(selected.begin(), selected.end(), *found) == selected.end()) {
    selected.push_back(*found);
  }
}

}  // namespace

Refusal bad_parameter(const Call& call, std::string_view detail) {
  if (call.quirk(Quirk::kOldErrors)) return Refusal(internal_error(detail));
  return Refusal(detail_answer(400, detail));
}

std::optional<Cursor> request_cursor(const Call& call) {
  const auto text = call.query.get("cursor");
  if (!text || text->empty()) return std::nullopt;
  if (call.quirk(Quirk::kGlitchtip)) return parse_glitchtip_cursor(*text);
  const auto cursor = parse_cursor(*text);
  if (!cursor) throw bad_parameter(call, "Invalid cursor parameter.");
  return cursor;
}

std::size_t request_page_size(const Call& call) {
  const PageSpec& spec = call.route.page;
  if (call.quirk(Quirk::kGlitchtip)) {
    constexpr std::size_t kGlitchtipPage = 50;
    constexpr std::int64_t kLargest = 100;
    const auto text = call.query.get("limit");
    const auto value = text ? parse_integer(*text) : std::nullopt;
    return value && *value > 0 ? static_cast<std::size_t>(std::min(*value, kLargest))
                               : kGlitchtipPage;
  }
  if (spec.parameter == SizeParameter::kPerPage) {
    const auto text = call.query.get("per_page");
    return text ? per_page(call, *text) : spec.default_size;
  }
  if (spec.parameter == SizeParameter::kLimit) {
    const auto text = call.query.get("limit");
    return text && !text->empty() ? limit(call, *text) : spec.default_size;
  }
  return std::numeric_limits<std::size_t>::max();
}

Page request_page(const Call& call, std::size_t total, std::size_t size) {
  const auto cursor = request_cursor(call);
  if (call.route.page.paginator == Paginator::kRowOffset) {
    return row_offset_page(total, size, cursor);
  }
  const auto page = page_number_page(total, size, cursor);
  if (!page) throw bad_parameter(call, "Pagination offset cannot be negative");
  return *page;
}

std::optional<TimeRange> request_range(const Call& call, std::optional<int> default_days) {
  const auto range = parse_range(call.query, call.now, default_days);
  if (const auto* bad = std::get_if<BadRange>(&range)) {
    const bool old = call.quirk(Quirk::kOldErrors);
    throw Refusal(detail_answer(400, old ? bad->old_reason : "Invalid date range: " + bad->reason));
  }
  return std::get<std::optional<TimeRange>>(range);
}

std::string_view request_search(const Call& call, std::string_view missing) {
  std::string_view text = call.query.get("query").value_or(missing);
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::vector<Index> request_projects(const Call& call, bool all_by_default) {
  const std::vector<Index>& candidates = call.world.organization(call.organization).projects;
  std::vector<Index> all;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(all),
               [&](Index i) { return !call.world.project(i).deleted; });
  const auto names = call.query.all("project");
  if (call.quirk(Quirk::kGlitchtip)) {
    if (names.empty()) return all;
    std::erase_if(all,
                  [&](Index i) { return !holds(names, std::to_string(call.world.project(i).id)); });
    return all;
  }
  if (call.quirk(Quirk::kEarlyOrgRoutes) && holds(names, "-1")) throw Refusal(forbidden());
  const auto slugs = call.query.all("projectSlug");
  if (!names.empty() && !slugs.empty()) {
    throw Refusal(detail_answer(400, "Cannot query for both ids and slugs"));
  }
  const bool everything = std::find(names.begin(), names.end(), "-1") != names.end() ||
                          std::find(slugs.begin(), slugs.end(), "$all") != slugs.end();
  std::vector<Index> selected;
  for (const std::string_view name : names) {
    const bool number = parse_integer(name).has_value();
    const bool slug_refused = call.quirk(Quirk::kProjectIdsOnly) || call.quirk(Quirk::kOldErrors);
    if (name.empty() || (!number && slug_refused)) {
      // Of 9.1.2's routes only the list of releases is ready for it.
      if (call.quirk(Quirk::kOldErrors) && all_by_default) {
        throw Refusal(detail_answer(400, "Invalid project ids"));
      }
      throw bad_parameter(call, "Invalid project parameter. Values must be numbers.");
    }
    if (!everything) select_project(call, name, !number, selected);
  }
  for (const std::string_view slug : slugs) {
    if (!everything) select_project(call, slug, true, selected);
  }
  if (everything) return all;
  if (!selected.empty()) return selected;
  if (all_by_default) return all;
  std::erase_if(all, [&](Index i) { return !is_member(call.world.project(i), call.viewer()); });
  return all;
}

std::vector<int> request_environments(const Call& call) {
  std::vector<int> selected;
  for (const std::string_view name : call.query.all("environment")) {
    const auto found = std::find(environments().begin(), environments().end(), name);
    if (name.empty()) {
      selected.push_back(-1);
    } else if (found != environments().end()) {
      selected.push_back(static_cast<int>(found - environments().begin()));
    } else {
      throw Refusal(no_such_resource());
    }
  }
  return selected;
}

}  // namespace sandbox
