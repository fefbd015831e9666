#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/world/vocabulary.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// What an issue says, drawn from its id. All its events say the same.
struct IssueText {
  std::string type;   ///< exception class; empty for message issues
  std::string value;  ///< what the exception or message says
  std::string title;  ///< first line of both
  std::string culprit;
  std::string filename;
  std::string function;
  std::string_view level;
  std::string_view logger;  ///< empty when there is none
  bool unhandled = false;
};

IssueText issue_text(const World& world, const Issue& issue);

/// What an event's `message` holds and its `query` searches.
std::string event_message(const IssueText& text);

/// How many comments an issue was drawn with.
std::uint32_t drawn_comments(const World& world, const Issue& issue);

/// A client of the shop whose events these are, not a user of Sentry.
struct Visitor {
  std::uint32_t number = 0;
};

/// Who saw the event; nobody known for some.
std::optional<Visitor> event_visitor(const World& world, Index serial);

/// Index into `environments()`; none for events sent without one.
std::optional<std::size_t> event_environment(const World& world, Index serial);

/// Index into `browsers()`.
std::size_t event_browser(const World& world, Index serial);

/// How many different visitors `events` have.
std::uint32_t count_visitors(const World& world, std::span<const Index> events);

/// Sentry's words.
std::string_view to_text(IssueStatus status);
std::string_view to_text(Priority priority);
/// Empty where Sentry says null.
std::string_view to_text(Substatus substatus);
std::string_view issue_type(IssueKind kind);
std::string_view issue_category(IssueKind kind);
/// The `type` of an event and its issue: error, default, generic or feedback.
std::string_view event_type(IssueKind kind);

}  // namespace sandbox
