#include "sandbox/world/world.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "sandbox/world/random.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

std::optional<std::uint64_t> parse_id(std::string_view text) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

/// The digits Sentry numbers short ids with: no I, L, O or U, which read like others.
std::string base32(std::uint32_t number) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[number % 32]);
    number /= 32;
  } while (number > 0);
  return text;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace

Second to_second(Instant when) {
  const auto seconds = chrono::floor<chrono::seconds>(when).time_since_epoch().count();
  return static_cast<Second>(
      std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<Second>::max()));
}

std::optional<Index> World::find_organization(std::string_view id_or_slug) const {
  const auto id = parse_id(id_or_slug);
  for (Index i = 0; i < tables_.organizations.size(); ++i) {
    const Organization& one = tables_.organizations[i];
    if (one.slug == id_or_slug || (id && one.id == *id)) return i;
  }
  return std::nullopt;
}

std::optional<Index> World::find_project(Index organization, std::string_view id_or_slug) const {
  const auto id = parse_id(id_or_slug);
  for (const Index i : tables_.organizations[organization].projects) {
    const Project& one = tables_.projects[i];
    if (!one.deleted && (one.slug == id_or_slug || (id && one.id == *id))) return i;
  }
  return std::nullopt;
}

std::optional<std::string> World::renamed_to(Index organization, std::string_view slug) const {
  const auto& renamed = tables_.organizations[organization].renamed;
  const auto found = renamed.find(std::string(slug));
  if (found == renamed.end()) return std::nullopt;
  return found->second;
}

std::optional<Index> World::find_issue(std::uint64_t id) const {
  const auto found =
      std::lower_bound(tables_.issues.begin(), tables_.issues.end(), id,
                       [](const Issue& one, std::uint64_t key) { return one.id < key; });
  if (found == tables_.issues.end() || found->id != id || found->deleted) return std::nullopt;
  if (tables_.projects[found->project].deleted) return std::nullopt;
  return static_cast<Index>(found - tables_.issues.begin());
}

std::optional<Index> World::find_issue(Index organization, std::string_view short_id) const {
  for (const Index p : tables_.organizations[organization].projects) {
    const Project& owner = tables_.projects[p];
    if (owner.deleted || !upper(short_id).starts_with(upper(owner.slug) + "-")) continue;
    for (const Index i : owner.issues) {
      const Issue& one = tables_.issues[i];
      if (!one.deleted && this->short_id(one) == upper(short_id)) return i;
    }
  }
  return std::nullopt;
}

std::optional<Index> World::find_release(Index organization, std::string_view version) const {
  for (const Index i : tables_.organizations[organization].releases) {
    if (tables_.releases[i].version == version) return i;
  }
  return std::nullopt;
}

std::optional<Index> World::find_event(std::string_view id) const {
  const auto parsed = parse_event_id(id);
  if (!parsed) return std::nullopt;
  const auto serial = event_serial(tables_.seed, *parsed);
  if (!serial || *serial >= tables_.events.size()) return std::nullopt;
  const Issue& owner = tables_.issues[tables_.events[*serial].issue];
  if (owner.deleted || tables_.projects[owner.project].deleted) return std::nullopt;
  return serial;
}

Instant World::time_of(Index serial) const {
  const std::uint64_t drawn = combine(tables_.seed ^ serial, hash_text("fraction"));
  // Some clients send whole seconds, and then Sentry prints none: both forms must occur.
  const std::uint64_t micros = drawn % 100 < 15 ? 0 : (drawn >> 8) % 1'000'000;
  return to_instant(tables_.events[serial].at) + chrono::microseconds(micros);
}

Instant World::received_at(Index serial) const {
  const std::uint64_t drawn = combine(tables_.seed, serial);
  const Instant soon = time_of(serial) + chrono::microseconds(150'000 + drawn % 4'000'000);
  const auto late = received_.find(serial);
  return late == received_.end() ? soon : std::max(soon, late->second);
}

IssueStatus World::shown_status(const Issue& issue, Instant now) const {
  const std::uint32_t age = tables_.projects[issue.project].resolve_age;
  const bool aged = age > 0 && last_seen(issue) < now - chrono::hours(age);
  return issue.status == IssueStatus::kUnresolved && aged ? IssueStatus::kResolved : issue.status;
}

std::string World::short_id(const Issue& issue) const {
  return upper(tables_.projects[issue.project].slug) + "-" + base32(issue.number);
}

std::span<const Index> World::between(const std::vector<Index>& events, Second from,
                                      Second to) const {
  const auto earlier = [this](Index serial, Second when) {
    return tables_.events[serial].at < when;
  };
  const auto begin = std::lower_bound(events.begin(), events.end(), from, earlier);
  const auto end = std::lower_bound(begin, events.end(), std::max(from, to), earlier);
  return {begin, end};
}

Second World::kept_from(Instant now) const {
  const Second today = to_second(now);
  return today > tables_.retention ? today - tables_.retention : 0;
}

std::optional<Index> World::release_at(const Project& project, Second when) const {
  const auto later = std::upper_bound(
      project.releases.begin(), project.releases.end(), to_instant(when),
      [this](Instant time, Index index) { return time < tables_.releases[index].created; });
  if (later == project.releases.begin()) return std::nullopt;
  return *std::prev(later);
}

World::Span World::running(const Project& project, Index release) const {
  const auto found = std::find(project.releases.begin(), project.releases.end(), release);
  if (found == project.releases.end()) return {};
  const auto next = std::next(found);
  // The second a release was created in still belongs to its predecessor: `release_at` compares
  // whole seconds with a time that has a fraction.
  const auto from = to_second(tables_.releases[release].created) + 1;
  const Second to = next == project.releases.end() ? std::numeric_limits<Second>::max()
                                                   : to_second(tables_.releases[*next].created) + 1;
  return {from, std::max(from, to)};
}

}  // namespace sandbox
