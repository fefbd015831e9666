#include "sandbox/api/issue_filter.h"

#include <algorithm>
#include <array>
#include <optional>

#include "sandbox/api/date_term.h"
#include "sandbox/api/text.h"
#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

using std::string_view;

/// Tags and event fields that the sandbox's events have but its search does not look at. Finding
/// nothing would be a lie, so these are refused.
constexpr std::array<string_view, 24> kUnsearchable = {
    "environment", "release",       "user",        "user.id",     "user.email", "browser",
    "handled",     "logger",        "server_name", "order_total", "has",        "message",
    "title",       "first_release", "bookmarks",   "subscribed",  "platform",   "id",
    "issue",       "event.type",    "timestamp",   "trace",       "location",   "error.type"};

constexpr std::array<string_view, 18> kIsValues = {"archived",
                                                   "archived_forever",
                                                   "archived_until_condition_met",
                                                   "archived_until_escalating",
                                                   "assigned",
                                                   "escalating",
                                                   "for_review",
                                                   "ignored",
                                                   "linked",
                                                   "muted",
                                                   "new",
                                                   "ongoing",
                                                   "regressed",
                                                   "reprocessing",
                                                   "resolved",
                                                   "unassigned",
                                                   "unlinked",
                                                   "unresolved"};

constexpr std::array<string_view, 10> kCategories = {
    "error",    "performance", "profile",      "cron",   "replay",
    "feedback", "uptime",      "metric_alert", "outage", "test_notification"};

std::string list_of(std::span<const string_view> words) {
  std::string out = "[";
  for (const string_view word : words) {
    if (out.size() > 1) out += ", ";
    out.append("'").append(word).append("'");
  }
  return out + "]";
}

/// Whether an issue is what `is:WORD` says.
bool is(const Issue& issue, string_view word) {
  if (word == "resolved" || word == "unresolved") return to_text(issue.status) == word;
  if (word == "ignored" || word == "archived" || word == "muted") {
    return issue.status == IssueStatus::kIgnored;
  }
  if (word == "assigned") return issue.assignee != AssigneeKind::kNobody;
  if (word == "unassigned") return issue.assignee == AssigneeKind::kNobody;
  if (word == "unlinked") return true;
  if (word == "for_review") return issue.substatus == Substatus::kNew;
  return to_text(issue.substatus) == word;
}

}  // namespace

/// Turns terms into tests, one member function per kind of key.
class IssueFilter::Compiler {
 public:
  explicit Compiler(const FilterContext& context) : context_(context) {}

  std::variant<IssueFilter, Error> run(std::span<const SearchTerm> terms) {
    for (const SearchTerm& term : terms) {
      add(term);
      if (error_) return *error_;
    }
    return std::move(filter_);
  }

 private:
  void add(const SearchTerm& term) {
    const string_view key = term.key;
    if (key.empty()) return add_text(term);
    if (key == "is") return add_is(term);
    if (key == "first_seen") return add_first_seen(term);
    if (key == "last_seen") return add_last_seen(term);
    if (key == "times_seen") return add_times_seen(term);
    if (key == "assigned_to") return add_assigned(term);
    if (key == "project" || key == "project.id") return add_project(term);
    if (key == "level") return add_level(term);
    if (key == "issue.category") return add_category(term);
    if (key == "issue.type") return add_type(term);
    if (key == "issue.priority") return add_priority(term);
    if (holds(kUnsearchable, key)) {
      fail("sentry-sandbox does not search by '" + term.key + "'");
      return;
    }
    // Any other key is a tag, and no event here has it.
    event_test(term, [](const Issue&, std::span<const Index>) { return false; });
  }

  void fail(std::string reason) { error_ = Error{std::move(reason), false}; }

  void fail_date(const SearchTerm& term, const QueryError& error) {
    fail(context_.old_words ? term.values.front() + " is not a valid datetime query"
                            : error.reason);
  }

  void row_test(const SearchTerm& term, RowTest test) {
    filter_.row_tests_.push_back([negated = term.negated, test = std::move(test)](
                                     const Issue& issue) { return test(issue) != negated; });
  }

  void event_test(const SearchTerm& term, EventTest test) {
    filter_.event_tests_.push_back([negated = term.negated, test = std::move(test)](
                                       const Issue& issue, std::span<const Index> window) {
      return test(issue, window) != negated;
    });
  }

  void add_text(const SearchTerm& term) {
    event_test(term, [&world = context_.world, wanted = term.values[0]](const Issue& issue,
                                                                        std::span<const Index>) {
      const IssueText text = issue_text(world, issue);
      return contains_ignoring_case(text.title, wanted) ||
             contains_ignoring_case(text.culprit, wanted);
    });
  }

  void add_is(const SearchTerm& term) {
    if (term.values.size() > 1) return fail("\"in\" syntax invalid for \"is\" search");
    const std::string& word = term.values[0];
    if (!holds(kIsValues, word)) {
      return fail("Invalid value for \"is\" search, valid values are " + list_of(kIsValues));
    }
    if (word == "unresolved" && !term.negated) filter_.wants_unresolved_ = true;
    row_test(term, [word](const Issue& issue) { return is(issue, word); });
  }

  void add_first_seen(const SearchTerm& term) {
    const auto span = parse_date_term(term, "firstSeen", context_.now);
    if (const auto* error = std::get_if<QueryError>(&span)) return fail_date(term, *error);
    filter_.row_tests_.push_back(
        [&world = context_.world, wanted = std::get<DateSpan>(span)](const Issue& issue) {
          // Most are told apart by their second, which is at hand.
          const Instant second = to_instant(issue.first_at);
          if (wanted.from && second + std::chrono::seconds(1) < *wanted.from) return false;
          if (wanted.to && second > *wanted.to) return false;
          return contains(wanted, world.first_seen(issue));
        });
  }

  void add_last_seen(const SearchTerm& term) {
    const auto span = parse_date_term(term, "lastSeen", context_.now);
    if (const auto* error = std::get_if<QueryError>(&span)) return fail_date(term, *error);
    filter_.event_tests_.push_back(
        [&world = context_.world, wanted = cut_to_seconds(std::get<DateSpan>(span))](
            const Issue& issue, std::span<const Index> window) {
          return contains(wanted, to_instant(world.last_at(issue, window)));
        });
  }

  void add_times_seen(const SearchTerm& term) {
    if (!number_matches(term, 0)) {
      return fail("timesSeen: Invalid number: " + term.values[0] +
                  ". Expected number then optional k, m, or b suffix (e.g. 500k)");
    }
    filter_.event_tests_.push_back([term](const Issue&, std::span<const Index> window) {
      return *number_matches(term, static_cast<std::int64_t>(window.size()));
    });
  }

  void add_assigned(const SearchTerm& term) {
    row_test(term, [&world = context_.world, term,
                    organization = context_.organization](const Issue& issue) {
      const Organization& owner = world.organization(organization);
      return std::any_of(term.values.begin(), term.values.end(), [&](const std::string& who) {
        switch (issue.assignee) {
          case AssigneeKind::kNobody:
            return who == "none";
          case AssigneeKind::kTeam:
            return who == "#" + owner.teams[issue.assignee_index].slug || who == "my_teams";
          case AssigneeKind::kUser:
            break;
        }
        const bool me = who == "me" && issue.assignee_index == 0;
        return me || who == owner.users[issue.assignee_index].email;
      });
    });
  }

  void add_project(const SearchTerm& term) {
    std::vector<Index> wanted;
    for (const std::string& name : term.values) {
      const auto found = context_.world.find_project(context_.organization, name);
      const auto& selected = context_.projects;
      if (found && std::find(selected.begin(), selected.end(), *found) != selected.end()) {
        wanted.push_back(*found);
      } else if (!term.negated) {
        error_ = Error{
            "Invalid query. Project(s) " + name + " do not exist or are not actively selected.",
            true};
        return;
      }
    }
    event_test(term, [wanted](const Issue& issue, std::span<const Index>) {
      return std::find(wanted.begin(), wanted.end(), issue.project) != wanted.end();
    });
  }

  void add_level(const SearchTerm& term) {
    event_test(term, [&world = context_.world, term](const Issue& issue, std::span<const Index>) {
      return holds(term.values, issue_text(world, issue).level);
    });
  }

  void add_category(const SearchTerm& term) {
    for (const std::string& value : term.values) {
      if (!holds(kCategories, lower(value)))
        return fail("Invalid category value of '" + value + "'");
      if (lower(value) == "feedback" && !term.negated) filter_.wants_feedback_ = true;
    }
    row_test(term, [term](const Issue& issue) {
      return std::any_of(term.values.begin(), term.values.end(), [&](const std::string& value) {
        return lower(value) == issue_category(issue.kind);
      });
    });
  }

  void add_type(const SearchTerm& term) {
    if (holds(term.values, "feedback") && !term.negated) filter_.wants_feedback_ = true;
    row_test(term,
             [term](const Issue& issue) { return holds(term.values, issue_type(issue.kind)); });
  }

  void add_priority(const SearchTerm& term) {
    for (const std::string& value : term.values) {
      if (value != "low" && value != "medium" && value != "high") {
        return fail("Invalid priority value of '" + value + "'");
      }
    }
    row_test(term,
             [term](const Issue& issue) { return holds(term.values, to_text(issue.priority)); });
  }

  const FilterContext& context_;
  IssueFilter filter_;
  std::optional<Error> error_;
};

std::variant<IssueFilter, IssueFilter::Error> IssueFilter::compile(
    std::span<const SearchTerm> terms, const FilterContext& context) {
  return Compiler(context).run(terms);
}

bool IssueFilter::row_matches(const Issue& issue) const {
  if (issue.kind == IssueKind::kFeedback && !wants_feedback_) return false;
  return std::all_of(row_tests_.begin(), row_tests_.end(),
                     [&](const RowTest& test) { return test(issue); });
}

bool IssueFilter::events_match(const Issue& issue, std::span<const Index> window) const {
  return std::all_of(event_tests_.begin(), event_tests_.end(),
                     [&](const EventTest& test) { return test(issue, window); });
}

}  // namespace sandbox
