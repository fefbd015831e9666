#include "sandbox/world/traits.h"

#include <array>

#include "sandbox/world/random.h"

namespace sandbox {
namespace {

/// Visitors are numbered below this. Small enough to count distinct ones with a bit set.
constexpr std::uint32_t kVisitors = 2048;

std::string exception_module(const Vocabulary& words, Dice& random) {
  std::string file(random.pick(words.modules));
  if (words.extension == ".js" || words.extension == ".swift") return file;
  for (char& c : file) {
    if (c == '.') c = '/';
  }
  return file;
}

}  // namespace

IssueText issue_text(const World& world, const Issue& issue) {
  constexpr std::array<std::string_view, 6> kLevels = {"error", "error",   "error",
                                                       "fatal", "warning", "info"};
  constexpr std::array<std::string_view, 3> kLoggers = {"", "acme.web", "root"};
  const Vocabulary& words = vocabulary(world.project(issue.project).platform);
  Dice random(combine(world.seed() ^ hash_text("text"), issue.id));
  const Complaint& complaint = random.pick(complaints());
  IssueText text;
  text.value.append(complaint.before).append(random.pick(nouns())).append(complaint.after);
  if (random.chance(30)) text.value += random.pick(complaint_details());
  text.filename = exception_module(words, random) + std::string(words.extension);
  text.function = random.pick(words.functions);
  text.level = random.pick(kLevels);
  text.logger = random.pick(kLoggers);
  text.culprit = random.chance(30)
                     ? std::string(random.pick(paths()))
                     : text.filename + " (" + std::string(random.pick(words.modules)) + ") in " +
                           text.function;
  const std::string first_line = text.value.substr(0, text.value.find('\n'));
  switch (issue.kind) {
    case IssueKind::kError:
      text.type = random.pick(words.exceptions);
      text.title = text.type + ": " + first_line;
      text.unhandled = random.chance(40);
      break;
    case IssueKind::kMessage:
      text.title = first_line;
      break;
    case IssueKind::kPerformance:
      text.title = "N+1 Query";
      text.level = "info";
      break;
    case IssueKind::kFeedback:
      text.title = "User Feedback";
      text.level = "info";
      break;
  }
  return text;
}

std::string event_message(const IssueText& text) {
  if (text.type.empty()) return text.value;
  return text.type + " " + text.value + " " + text.culprit;
}

std::uint32_t drawn_comments(const World& world, const Issue& issue) {
  // As in `append_issue_base`, which draws more from the same numbers.
  Dice random(combine(world.seed() ^ hash_text("issue extras"), issue.id));
  if (random.chance(5)) random.next();
  return random.chance(85) ? 0U : random.below(12);
}

std::optional<Visitor> event_visitor(const World& world, Index serial) {
  const std::uint64_t drawn = combine(world.seed() ^ serial, hash_text("visitor"));
  if (drawn % 100 < 12) return std::nullopt;
  // Each issue meets a circle of its own; the square makes circles small more often than large.
  const std::uint64_t circle = combine(world.seed(), world.issue(world.event(serial).issue).id);
  const std::uint64_t reach = circle % 40 * (circle % 40) + 1;
  return Visitor{static_cast<std::uint32_t>(((circle >> 20) + (drawn >> 8) % reach) % kVisitors)};
}

std::optional<std::size_t> event_environment(const World& world, Index serial) {
  const std::uint64_t roll = combine(world.seed() ^ serial, hash_text("environment")) % 100;
  if (roll < 75) return 0;
  if (roll < 90) return 1;
  if (roll < 96) return 2;
  return std::nullopt;
}

std::size_t event_browser(const World& world, Index serial) {
  return Dice(combine(world.seed(), serial) ^ 5).below(browsers().size());
}

std::uint32_t count_visitors(const World& world, std::span<const Index> events) {
  std::array<std::uint64_t, kVisitors / 64> seen{};
  std::uint32_t count = 0;
  for (const Index serial : events) {
    const auto visitor = event_visitor(world, serial);
    if (!visitor) continue;
    std::uint64_t& word = seen[visitor->number / 64];
    const std::uint64_t bit = std::uint64_t{1} << (visitor->number % 64);
    if ((word & bit) == 0) ++count;
    word |= bit;
  }
  return count;
}

std::string_view to_text(IssueStatus status) {
  constexpr std::array<std::string_view, 3> kWords = {"unresolved", "resolved", "ignored"};
  return kWords[static_cast<std::size_t>(status)];
}

std::string_view to_text(Priority priority) {
  constexpr std::array<std::string_view, 3> kWords = {"low", "medium", "high"};
  return kWords[static_cast<std::size_t>(priority)];
}

std::string_view to_text(Substatus substatus) {
  constexpr std::array<std::string_view, 8> kWords = {"",
                                                      "new",
                                                      "ongoing",
                                                      "regressed",
                                                      "escalating",
                                                      "archived_until_escalating",
                                                      "archived_until_condition_met",
                                                      "archived_forever"};
  return kWords[static_cast<std::size_t>(substatus)];
}

std::string_view issue_type(IssueKind kind) {
  constexpr std::array<std::string_view, 4> kWords = {
      "error", "error", "performance_n_plus_one_db_queries", "feedback"};
  return kWords[static_cast<std::size_t>(kind)];
}

std::string_view issue_category(IssueKind kind) {
  constexpr std::array<std::string_view, 4> kWords = {"error", "error", "performance", "feedback"};
  return kWords[static_cast<std::size_t>(kind)];
}

std::string_view event_type(IssueKind kind) {
  constexpr std::array<std::string_view, 4> kWords = {"error", "default", "generic", "feedback"};
  return kWords[static_cast<std::size_t>(kind)];
}

}  // namespace sandbox
