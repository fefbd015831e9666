#include "sandbox/api/shelf_list.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "sandbox/api/parameters.h"
#include "sandbox/api/text.h"
#include "sandbox/world/random.h"

namespace sandbox {
namespace {

using std::string_view;

/// Different for each request: what Sentry leaves to chance.
Dice chance_dice() {
  static std::atomic<std::uint64_t> count{0};
  return Dice(mix(++count));
}

template <typename List>
void shuffle_list(List& list, Dice& dice) {
  for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[dice.below(i)]);
}

/// Python keeps these in sets, whose order differs from process to process.
void shuffle_sets(Row& value, Dice& dice) {
  if (!value.is_structured()) return;
  for (auto member = value.begin(); member != value.end(); ++member) {
    shuffle_sets(*member, dice);
    if (!value.is_object() || !member->is_array()) continue;
    const std::string& name = member.key();
    const bool set = name == "access" || name == "features" || name == "scopes" || name == "events";
    if (set) shuffle_list(*member, dice);
  }
}

bool belongs_to(const World& world, const Row& row, const std::vector<Index>& projects) {
  std::vector<std::string> names;
  const auto add = [&](const Row& value) {
    if (value.is_string()) names.push_back(value.get<std::string>());
    if (value.is_number()) names.push_back(value.dump());
  };
  for (const char* member : {"_projects", "projects", "projectId", "project_id", "projectSlug"}) {
    const auto found = row.find(member);
    if (found == row.end()) continue;
    if (found->is_array()) {
      for (const Row& one : *found) add(one);
    } else {
      add(*found);
    }
  }
  if (const auto found = row.find("project"); found != row.end()) {
    add(found->is_object() && found->contains("id") ? found->at("id") : *found);
  }
  if (names.empty()) return true;  // it is no project's
  return std::any_of(projects.begin(), projects.end(), [&](Index project) {
    return holds(names, world.project(project).slug) ||
           holds(names, std::to_string(world.project(project).id));
  });
}

std::optional<Instant> time_in(const Row& row, string_view member) {
  const auto found = row.find(std::string(member));
  if (found == row.end() || !found->is_string()) return std::nullopt;
  return source_sentry::parse_instant(found->get<std::string>());
}

void keep_window(const Call& call, Rows& rows) {
  const ShelfList& list = *call.route.list;
  if (list.both_ends && call.query.has("start") != call.query.has("end")) {
    throw Refusal(internal_error(call.target));
  }
  const auto range = request_range(call, std::nullopt);
  if (!range) return;
  std::erase_if(rows, [&](const Row& row) {
    const auto when = time_in(row, list.window);
    return !when || *when < range->start || *when > range->end;
  });
}

void order(const Call& call, Rows& rows) {
  const ShelfList& list = *call.route.list;
  const auto asked = list.sort.empty() ? std::nullopt : call.query.get(list.sort);
  if (asked && !asked->empty()) {
    const string_view name = asked->substr(asked->starts_with('-') ? 1 : 0);
    string_view known = list.sorts;
    while (!known.empty() && known.substr(0, known.find(' ')) != name) {
      known.remove_prefix(std::min(known.substr(0, known.find(' ')).size() + 1, known.size()));
    }
    if (known.empty()) {
      throw Refusal(detail_answer(400, "Invalid sort: " + std::string(*asked)));
    }
    const bool down = call.query.is("asc", "0");
    sort_rows(rows, (down ? "-" : "") + std::string(*asked));
  } else if (list.shuffles) {
    Dice dice = chance_dice();
    shuffle_list(rows, dice);
  }
}

/// A list by the time or the id that the shelf goes by, downwards.
Page by_key(const Call& call, const Rows& rows, std::size_t size) {
  const auto cursor = request_cursor(call);
  if (cursor && cursor->offset < 0) {
    throw bad_parameter(call, "Pagination offset cannot be negative");
  }
  const string_view member = find_shelf(call.route.list->shelf)->order.substr(1);
  const bool by_time = !rows.empty() && time_in(rows.front(), member);
  const Keyset keys{rows.size(), by_time ? 1000 : 1, [&](std::size_t row) -> std::int64_t {
                      if (by_time) {
                        const auto when = time_in(rows[row], member);
                        return when ? when->time_since_epoch().count() : 0;
                      }
                      const auto found = rows[row].find(std::string(member));
                      const bool text = found != rows[row].end() && found->is_string();
                      return text ? std::atoll(found->get<std::string>().c_str()) : 0;
                    }};
  return keyset_page(keys, size, cursor);
}

Page page_of(const Call& call, const Rows& rows) {
  const ShelfList& list = *call.route.list;
  std::size_t size = request_page_size(call);
  const bool slim = call.query.is("full", "false") || call.query.is("full", "0");
  if (list.full_size != 0 && !slim) size = std::min(size, list.full_size);
  switch (call.route.page.paginator) {
    case Paginator::kNone:
      return {0, rows.size(), {}};
    case Paginator::kKeyset:
      return by_key(call, rows, size);
    default:
      return request_page(call, rows.size(), size);
  }
}

std::string shown_row(const Call& call, Row row, Dice& dice) {
  if (call.route.list->dress != nullptr) call.route.list->dress(call, row);
  strip_hidden(row);
  shuffle_sets(row, dice);
  return row.dump();
}

}  // namespace

Scene scene_of(const Call& call) { return {call.world, call.settings.addresses, call.now}; }

bool needs_user(const RouteSpec& route) { return route.list != nullptr && route.list->needs_user; }

ShelfOwner owner_in(const Call& call, OwnerKind kind) {
  const Scene scene = scene_of(call);
  std::string name =
      kind == OwnerKind::kProject ? call.world.project(call.project).slug : std::string(call.item);
  if (const auto* list = call.route.list; list != nullptr && !list->owner.empty()) {
    const auto given = call.query.get(list->owner);
    if (!given) throw Refusal(detail_answer(400, "Must provide " + std::string(list->owner)));
    name = *given;
  }
  auto owner = find_owner(scene, kind, call.organization, name);
  const bool any = call.route.pattern.find("{o}") == string_view::npos;
  for (Index i = 0; any && !owner && i < call.world.organizations().size(); ++i) {
    owner = find_owner(scene, kind, i, name);
  }
  if (!owner) throw Refusal(no_such_resource());
  return std::move(*owner);
}

Answer list_shelf(const Call& call) {
  const ShelfList& list = *call.route.list;
  const ShelfSpec& shelf = *find_shelf(list.shelf);
  const Scene scene = scene_of(call);
  Rows rows = rows_of(scene, shelf, owner_in(call, shelf.owner));
  Dice dice = chance_dice();
  Answer answer;
  if (list.is_document) {
    if (list.select != nullptr) list.select(call, rows);
    if (rows.empty()) return no_such_resource();
    answer.body = shown_row(call, std::move(rows.front()), dice);
    return answer;
  }
  if (list.by_project) {
    const auto projects = request_projects(call, false);
    std::erase_if(rows, [&](const Row& row) { return !belongs_to(call.world, row, projects); });
  }
  if (!list.window.empty()) keep_window(call, rows);
  if (list.select != nullptr) list.select(call, rows);
  order(call, rows);
  if (rows.empty() && !list.none.empty()) {
    answer.body = list.none;
    return answer;
  }
  const Page page = page_of(call, rows);
  const bool wrapped = !list.wrapper.empty() && !call.quirk(Quirk::kEarlyOrgRoutes);
  if (wrapped) answer.body = "{\"" + std::string(list.wrapper) + "\":";
  answer.body += '[';
  bool first = true;
  for (std::size_t i = page.first; i < page.first + page.count; ++i) {
    if (list.shown != nullptr && !list.shown(call, rows[i])) continue;
    if (!first) answer.body += ',';
    first = false;
    answer.body += shown_row(call, std::move(rows[i]), dice);
  }
  answer.body += ']';
  if (wrapped) answer.body.append(list.extra).append("}");
  if (call.route.page.paginator != Paginator::kNone) answer.links = page.links;
  if (list.hits) {
    answer.headers.emplace_back("X-Hits", std::to_string(rows.size()));
    answer.headers.emplace_back("X-Max-Hits", "1000");
  }
  return answer;
}

}  // namespace sandbox
