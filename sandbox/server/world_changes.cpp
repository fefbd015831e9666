#include "sandbox/server/world_changes.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "sandbox/render/time_text.h"
#include "sandbox/server/shelf_changes.h"
#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

using Json = nlohmann::json;

Instant moment(const Json& value, Instant now) {
  if (value.is_number()) {
    return now - std::chrono::microseconds(static_cast<std::int64_t>(value.get<double>() * 1e6));
  }
  const auto when = source_sentry::parse_instant(value.get<std::string>());
  if (!when) throw std::invalid_argument("not a time: " + value.dump());
  return *when;
}

/// The changes there are, one member function each. Every one takes its JSON value and gives what
/// it made.
class Changer {
 public:
  Changer(World& world, Instant now) : world_(world), now_(now), shelves_(world, now) {}

  Json apply(const std::string& name, const Json& value) {
    using Change = Json (Changer::*)(const Json&);
    static const std::map<std::string, Change> kChanges = {
        {"add_events", &Changer::add_events},
        {"add_issue", &Changer::add_issue},
        {"resolve_issue", &Changer::resolve_issue},
        {"delete_issue", &Changer::delete_issue},
        {"archive_issue", &Changer::archive_issue},
        {"assign_issue", &Changer::assign_issue},
        {"comment_issue", &Changer::comment_issue},
        {"prioritize_issue", &Changer::prioritize_issue},
        {"merge_issue", &Changer::merge_issue},
        {"add_release", &Changer::add_release},
        {"deploy_release", &Changer::deploy_release},
        {"finalize_release", &Changer::finalize_release},
        {"archive_release", &Changer::archive_release},
        {"add_project", &Changer::add_project},
        {"rename_project", &Changer::rename_project},
        {"delete_project", &Changer::delete_project},
        {"put_row", &Changer::put_row},
        {"remove_row", &Changer::remove_row},
    };
    const auto found = kChanges.find(name);
    if (found == kChanges.end()) throw std::invalid_argument("no such change: " + name);
    return (this->*found->second)(value);
  }

 private:
  Index organization(const Json& value) const {
    const std::string name =
        value.is_object() ? value.value("organization", std::string("acme")) : "acme";
    const auto found = world_.find_organization(name);
    if (!found) throw std::invalid_argument("no such organization: " + name);
    return *found;
  }

  Index project(const Json& value) const {
    const std::string name = value.at("project").get<std::string>();
    const auto found = world_.find_project(organization(value), name);
    if (!found) throw std::invalid_argument("no such project: " + name);
    return *found;
  }

  Index issue(const Json& id) const {
    const std::string text = id.is_string() ? id.get<std::string>() : id.dump();
    const auto found = world_.find_issue(std::stoull(text));
    if (!found) throw std::invalid_argument("no such issue: " + text);
    return *found;
  }

  /// Where new events go when nobody says: the error issue seen last.
  std::optional<Index> busiest_issue(Index project) const {
    const auto& events = world_.project(project).events;
    if (events.empty()) return std::nullopt;
    return world_.event(events.back()).issue;
  }

  Instant at(const Json& value) const {
    return value.contains("at") ? moment(value.at("at"), now_) : now_;
  }

  World::NewEvents happen(const Json& value, Index project, std::optional<Index> issue,
                          IssueKind kind) {
    return world_.add_events(project, issue, kind, to_second(at(value)), now_,
                             value.value("count", std::size_t{1}));
  }

  Json described(const World::NewEvents& added) const {
    Json made = {{"issue", std::to_string(world_.issue(added.issue).id)},
                 {"events", Json::array()}};
    for (const Index serial : added.serials) made["events"].push_back(world_.id_of(serial).text());
    return made;
  }

  Json add_events(const Json& value) {
    if (value.contains("issue")) {  // its project is the events', whatever is said
      const Index target = issue(value.at("issue"));
      return described(happen(value, world_.issue(target).project, target, IssueKind::kError));
    }
    const Index owner = project(value);
    const auto target = value.value("new_issue", false) ? std::nullopt : busiest_issue(owner);
    return described(happen(value, owner, target, IssueKind::kError));
  }

  Json add_issue(const Json& value) {
    static const std::map<std::string, IssueKind> kKinds = {
        {"error", IssueKind::kError},
        {"default", IssueKind::kMessage},
        {"performance", IssueKind::kPerformance},
        {"feedback", IssueKind::kFeedback}};
    const auto kind = kKinds.find(value.value("category", std::string("error")));
    if (kind == kKinds.end()) throw std::invalid_argument("no such category");
    return described(happen(value, project(value), std::nullopt, kind->second));
  }

  Json resolve_issue(const Json& value) {
    const Index index = issue(value);
    world_.set_status(index, IssueStatus::kResolved, Substatus::kNone);
    shelves_.record(index, "set_resolved", {});
    return std::to_string(world_.issue(index).id);
  }

  Json archive_issue(const Json& value) {
    const Index index = issue(value);
    world_.set_status(index, IssueStatus::kIgnored, Substatus::kArchivedForever);
    shelves_.record(index, "set_ignored", {});
    return std::to_string(world_.issue(index).id);
  }

  Json assign_issue(const Json& value) {
    const Index index = issue(value.at("issue"));
    const std::string to = value.at("to").get<std::string>();
    const std::map<std::string, AssigneeKind> kinds = {{"nobody", AssigneeKind::kNobody},
                                                       {"user", AssigneeKind::kUser},
                                                       {"team", AssigneeKind::kTeam}};
    const auto kind = kinds.find(to);
    if (kind == kinds.end()) throw std::invalid_argument("no such assignee: " + to);
    world_.assign(index, kind->second, 0);
    shelves_.record(index, to == "nobody" ? "unassigned" : "assigned", {{"assigneeType", to}});
    return std::to_string(world_.issue(index).id);
  }

  Json comment_issue(const Json& value) {
    const Index index = issue(value);
    shelves_.comment(index);
    return std::to_string(world_.issue(index).id);
  }

  Json prioritize_issue(const Json& value) {
    const Index index = issue(value.at("issue"));
    const std::string name = value.at("priority").get<std::string>();
    for (const Priority priority : {Priority::kLow, Priority::kMedium, Priority::kHigh}) {
      if (to_text(priority) != name) continue;
      world_.set_priority(index, priority);
      shelves_.record(index, "set_priority", {{"priority", name}});
      return std::to_string(world_.issue(index).id);
    }
    throw std::invalid_argument("no such priority: " + name);
  }

  Json merge_issue(const Json& value) {
    const Index from = issue(value.at("issue"));
    const Index into = issue(value.at("into"));
    if (from == into || world_.issue(from).project != world_.issue(into).project) {
      throw std::invalid_argument("only issues of one project can be merged");
    }
    world_.merge_issue(from, into);
    return std::to_string(world_.issue(into).id);
  }

  Json delete_issue(const Json& value) {
    const Index index = issue(value);
    world_.delete_issue(index);
    return std::to_string(world_.issue(index).id);
  }

  Json add_release(const Json& value) {
    const Index owner = project(value);
    Release wanted;
    wanted.version = value.at("version").get<std::string>();
    if (world_.find_release(organization(value), wanted.version)) {
      throw std::invalid_argument("there is a release " + wanted.version);
    }
    wanted.created = at(value);
    if (value.contains("released")) wanted.released = moment(value.at("released"), now_);
    wanted.archived = value.value("status", std::string("open")) == "archived";
    const Release& made = world_.release(world_.add_release(owner, std::move(wanted)));
    return {{"id", made.id}, {"version", made.version}, {"dateCreated", sentry_time(made.created)}};
  }

  Index release(const Json& value) const {
    const std::string version =
        (value.is_object() ? value.at("version") : value).get<std::string>();
    const auto found = world_.find_release(organization(value), version);
    if (!found) throw std::invalid_argument("no such release: " + version);
    return *found;
  }

  Json deploy_release(const Json& value) {
    const Index index = release(value);
    world_.add_deploy(index, now_);
    shelves_.count_deploys(index);
    return world_.release(index).id;
  }

  Json finalize_release(const Json& value) {
    const Index index = release(value);
    world_.set_released(index, now_);
    return world_.release(index).id;
  }

  Json archive_release(const Json& value) {
    const Index index = release(value);
    world_.set_archived(index, true);
    return world_.release(index).id;
  }

  Json add_project(const Json& value) {
    const Index owner = organization(value);
    const std::string slug = value.at("slug").get<std::string>();
    if (world_.find_project(owner, slug)) throw std::invalid_argument("there is a project " + slug);
    const Index made =
        world_.add_project(owner, slug, Platform::kPython, at(value), value.value("member", true));
    return {{"id", std::to_string(world_.project(made).id)}, {"slug", slug}};
  }

  Json rename_project(const Json& value) {
    const Index owner = organization(value);
    const std::string from = value.at("from").get<std::string>();
    const std::string to = value.at("to").get<std::string>();
    const auto found = world_.find_project(owner, from);
    if (!found) throw std::invalid_argument("no such project: " + from);
    if (world_.find_project(owner, to)) throw std::invalid_argument("there is a project " + to);
    world_.rename_project(*found, to);
    return {{"id", std::to_string(world_.project(*found).id)}, {"slug", to}};
  }

  Json delete_project(const Json& value) {
    const std::string slug =
        value.is_string() ? value.get<std::string>() : value.at("slug").get<std::string>();
    const auto found = world_.find_project(organization(value), slug);
    if (!found) throw std::invalid_argument("no such project: " + slug);
    world_.delete_project(*found);
    return std::to_string(world_.project(*found).id);
  }

  Json put_row(const Json& value) { return shelves_.put_row(organization(value), value); }
  Json remove_row(const Json& value) { return shelves_.remove_row(organization(value), value); }

  World& world_;
  Instant now_;
  ShelfChanger shelves_;
};

}  // namespace

std::string change_world(World& world, std::string_view text, Instant now) {
  try {
    // Ordered, so that several changes in one object happen as they are written.
    const auto changes = nlohmann::ordered_json::parse(text);
    if (!changes.is_object()) throw std::invalid_argument("changes are an object");
    Changer changer(world, now);
    Json made = Json::object();
    for (const auto& [name, value] : changes.items()) {
      made[name] = changer.apply(name, Json::parse(value.dump()));
    }
    return made.dump();
  } catch (const Json::exception& error) {
    throw std::invalid_argument(error.what());
  }
}

Instant parse_moment(std::string_view json, Instant now) {
  try {
    return moment(Json::parse(json), now);
  } catch (const Json::exception& error) {
    throw std::invalid_argument(error.what());
  }
}

}  // namespace sandbox
