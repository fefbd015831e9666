#include "sandbox/server/request_log.h"

#include <map>
#include <vector>

#include "sandbox/api/query_string.h"
#include "sandbox/render/json_writer.h"
#include "sandbox/render/time_text.h"

namespace sandbox {
namespace {

/// The oldest are forgotten beyond this, so that a day of load does not fill the memory.
constexpr std::size_t kMostKept = 500'000;

void append(JsonWriter& json, const LoggedRequest& request) {
  const std::size_t question = std::min(request.target.find('?'), request.target.size());
  const std::string query =
      question < request.target.size() ? request.target.substr(question + 1) : "";
  json.begin_object();
  json.text("method", request.method);
  json.text("path", request.target.substr(0, question));
  json.text("query", query);
  json.key("params");
  json.begin_object();
  const QueryString parsed(query);
  std::map<std::string, std::vector<std::string>> params;
  for (const auto& [name, value] : parsed.pairs()) params[name].push_back(value);
  for (const auto& [name, values] : params) {
    json.raw(json_text(name) + ":[");
    for (const std::string& value : values) json.text(value);
    json.end_array();
  }
  json.end_object();
  json.number("status", request.status);
  json.text("token_kind", request.token_kind);
  time_field(json, "at", request.at);
  json.text("accept_encoding", request.accept_encoding);
  json.text("user_agent", request.user_agent);
  json.end_object();
}

}  // namespace

void RequestLog::add(LoggedRequest request) {
  const std::lock_guard lock(mutex_);
  if (requests_.size() == kMostKept) requests_.pop_front();
  requests_.push_back(std::move(request));
}

void RequestLog::clear() {
  const std::lock_guard lock(mutex_);
  requests_.clear();
}

std::string RequestLog::json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  const std::lock_guard lock(mutex_);
  for (const LoggedRequest& request : requests_) append(json, request);
  json.end_array();
  return out;
}

}  // namespace sandbox
