#include "sandbox/server/faults.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "sandbox/api/query_string.h"
#include "sandbox/world/world.h"

namespace sandbox {
namespace {

using Json = nlohmann::json;

RefusalShape parse_shape(const std::string& text) {
  if (text == "gateway") return RefusalShape::kGateway;
  if (text == "query") return RefusalShape::kQuery;
  if (text == "old") return RefusalShape::kOld;
  if (text == "glitchtip") return RefusalShape::kGlitchtip;
  throw std::invalid_argument("rate_limited_shape is one of gateway, query, old, glitchtip");
}

Headers parse_headers(const Json& json) {
  Headers headers;
  for (const auto& [name, value] : json.items()) {
    headers.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return headers;
}

/// Reads one member; unknown names are errors, since a misspelt fault would never strike.
void read_member(Fault& fault, const std::string& name, const Json& value) {
  if (name == "path") {
    value.get_to(fault.path);
  } else if (name == "after") {
    value.get_to(fault.after);
  } else if (name == "times") {
    value.get_to(fault.times);
  } else if (name == "wider_than") {
    fault.wider_than = value.get<std::int64_t>();
  } else if (name == "per_second") {
    fault.per_second = value.get<double>();
  } else if (name == "at_once") {
    fault.at_once = value.get<int>();
  } else if (name == "holds") {
    value.get_to(fault.holds);
  } else if (name == "status") {
    fault.status = value.get<int>();
  } else if (name == "body") {
    fault.body = value.is_string() ? value.get<std::string>() : value.dump();
  } else if (name == "content_type") {
    value.get_to(fault.content_type);
  } else if (name == "headers") {
    fault.headers = parse_headers(value);
  } else if (name == "html") {
    value.get_to(fault.html);
  } else if (name == "rate_limited") {
    fault.rate_limited = value.get<double>();
  } else if (name == "rate_limited_shape") {
    fault.shape = parse_shape(value.get<std::string>());
  } else if (name == "drop_headers") {
    value.get_to(fault.drop_headers);
  } else if (name == "set_headers") {
    fault.set_headers = parse_headers(value);
  } else if (name == "replace") {
    fault.replace = {value.at(0).get<std::string>(), value.at(1).get<std::string>()};
  } else if (name == "repeat_cursor") {
    value.get_to(fault.repeat_cursor);
  } else if (name == "endless") {
    value.get_to(fault.endless);
  } else if (name == "body_of_last") {
    value.get_to(fault.body_of_last);
  } else if (name == "row") {
    fault.row = value.dump();
  } else if (name == "add_headers") {
    fault.add_headers = parse_headers(value);
  } else if (name == "folded") {
    value.get_to(fault.folded);
  } else if (name == "trailer") {
    value.get_to(fault.trailer);
  } else if (name == "delay_ms") {
    value.get_to(fault.delay_ms);
  } else if (name == "close") {
    if (value != "before") throw std::invalid_argument("close is \"before\"");
    fault.close_before = true;
  } else if (name == "truncate") {
    fault.truncate = value.get<std::size_t>();
  } else if (name == "truncate_gzip") {
    value.get_to(fault.truncate_gzip);
  } else if (name == "drip_ms") {
    value.get_to(fault.drip_ms);
  } else {
    throw std::invalid_argument("a fault has no \"" + name + "\"");
  }
}

Fault parse_fault(const Json& json) {
  if (!json.is_object()) throw std::invalid_argument("a fault is an object");
  Fault fault;
  for (const auto& [name, value] : json.items()) read_member(fault, name, value);
  if (fault.path.empty()) throw std::invalid_argument("a fault's path is a text to find, or *");
  return fault;
}

bool is_part(std::string_view path, std::string_view target) {
  if (path.ends_with('$')) return target.ends_with(path.substr(0, path.size() - 1));
  return target.find(path) != std::string_view::npos;
}

bool concerns(const Fault& fault, std::string_view target) {
  if (fault.path == "*" || is_part(fault.path, target)) return true;
  // The raw target spells `:` as %3A or not, as the client likes; so the decoded one counts too.
  return is_part(fault.path, percent_decode(target, true));
}

/// Seconds between the first and the last of the times that a request asks for: those of its
/// search, where that holds some, or of its other parameters.
std::int64_t width_of(std::string_view target) {
  constexpr std::size_t kLength = std::string_view("2026-01-15T12:00:00").size();
  std::string text = percent_decode(target, true);
  if (const std::size_t query = text.find("lastSeen:"); query != std::string::npos) {
    text = text.substr(query, text.find('&', query) - query);
  }
  std::vector<Second> times;
  for (std::size_t at = text.find('T'); at != std::string::npos; at = text.find('T', at + 1)) {
    constexpr std::size_t kDay = 10;
    if (at < kDay) continue;
    const auto when = source_sentry::parse_instant(text.substr(at - kDay, kLength) + "Z");
    if (when) times.push_back(to_second(*when));
  }
  if (times.empty()) return 0;
  const auto [first, last] = std::minmax_element(times.begin(), times.end());
  return std::int64_t{*last} - *first;
}

/// Whether a request comes too soon or while too many are under way; if not, it is one of them.
bool is_refused(Fault& fault, std::vector<std::shared_ptr<void>>& leases) {
  if (fault.per_second) {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> pause(1 / *fault.per_second);
    if (now - fault.passed_at < pause) return true;
    fault.passed_at = now;
  }
  if (fault.at_once) {
    if (*fault.under_way >= *fault.at_once) return true;
    ++*fault.under_way;
    leases.emplace_back(nullptr, [count = fault.under_way](void*) { --*count; });
  }
  return false;
}

}  // namespace

void FaultBook::add(std::string_view text) {
  std::vector<std::pair<Fault, std::string>> added;
  try {
    const Json json = Json::parse(text);
    for (const Json& one : json.is_array() ? json : Json::array({json})) {
      added.emplace_back(parse_fault(one), one.dump());
    }
  } catch (const Json::exception& error) {
    throw std::invalid_argument(error.what());
  }
  const std::lock_guard lock(mutex_);
  for (auto& one : added) faults_.push_back(std::move(one));
}

void FaultBook::clear() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

std::string FaultBook::json() const {
  Json list = Json::array();
  const std::lock_guard lock(mutex_);
  for (const auto& [fault, text] : faults_) {
    Json one = Json::parse(text);
    one["seen"] = fault.seen;
    one["hits"] = fault.hits;
    list.push_back(std::move(one));
  }
  return list.dump();
}

Stroke FaultBook::match(std::string_view target, const Holds& holds) {
  const std::lock_guard lock(mutex_);
  Stroke stroke;
  for (auto& [fault, text] : faults_) {
    if (!concerns(fault, target)) continue;
    ++fault.seen;
    const bool left = fault.times < 0 || fault.hits < fault.times;
    if (stroke.fault || fault.seen <= fault.after || !left) continue;
    if (fault.wider_than && width_of(target) <= *fault.wider_than) continue;
    if (!fault.holds.empty() && !holds(fault.holds)) continue;
    const bool limits = fault.per_second || fault.at_once;
    if (limits && !is_refused(fault, stroke.leases)) continue;
    ++fault.hits;
    stroke.fault = fault;
  }
  return stroke;
}

}  // namespace sandbox
