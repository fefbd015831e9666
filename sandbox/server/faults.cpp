#include "sandbox/server/faults.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "sandbox/api/query_string.h"

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

bool concerns(const Fault& fault, std::string_view target) {
  if (fault.path == "*" || target.find(fault.path) != std::string_view::npos) return true;
  // The raw target spells `:` as %3A or not, as the client likes; so the decoded one counts too.
  return percent_decode(target, true).find(fault.path) != std::string::npos;
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

std::optional<Fault> FaultBook::match(std::string_view target) {
  const std::lock_guard lock(mutex_);
  std::optional<Fault> due;
  for (auto& [fault, text] : faults_) {
    if (!concerns(fault, target)) continue;
    ++fault.seen;
    const bool left = fault.times < 0 || fault.hits < fault.times;
    if (due || fault.seen <= fault.after || !left) continue;
    ++fault.hits;
    due = fault;
  }
  return due;
}

}  // namespace sandbox
