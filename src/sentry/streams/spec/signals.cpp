#include "sentry/streams/spec/signals.h"

#include <chrono>
#include <utility>

#include "base/text.h"
#include "json/members.h"

namespace source_sentry {
namespace {

constexpr std::string_view kEnd("\0", 1);  // not in any JSON

std::string_view value_at(std::string_view row, std::string_view path) {
  const std::size_t dot = path.find('.');
  const std::string_view value = member_value(row, path.substr(0, dot));
  if (dot == path.npos) return value;
  return value.starts_with('{') ? member_value(value, path.substr(dot + 1)) : std::string_view();
}

}  // namespace

Signal members_moved(std::vector<std::string> keys, Duration again) {
  return [keys = std::move(keys), again](std::string_view row, Instant now) {
    std::uint64_t hash = fnv1a("");
    for (const std::string& key : keys) hash = fnv1a(kEnd, fnv1a(value_at(row, key), hash));
    if (again <= Duration::zero()) return hash;
    const auto span = static_cast<std::uint64_t>(again.count());
    const std::uint64_t turn = fnv1a(member_value(row, "id")) % span;
    const auto time = static_cast<std::uint64_t>(now.time_since_epoch().count());
    return fnv1a(std::to_string((time + turn) / span), hash);
  };
}

Signal row_is_young(std::string created, Duration young) {
  return [created = std::move(created), young](std::string_view row, Instant now) {
    const auto when = parse_instant(text_of_value(member_value(row, created)));
    const bool is_young = when && now - *when < young;
    const auto day = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
    return fnv1a(is_young ? std::to_string(day) : "old");
  };
}

}  // namespace source_sentry
