#include "sandbox/server/control.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "sandbox/render/time_text.h"
#include "sandbox/server/truth.h"
#include "sandbox/server/world_changes.h"

namespace sandbox {
namespace {

Answer json_answer(std::string body) { return {200, std::move(body), "application/json", {}, {}}; }

}  // namespace

Answer Control::answer(std::string_view method, std::string_view path, std::string_view query,
                       std::string_view body) {
  try {
    return answer_or_throw(method, path, query, body);
  } catch (const std::exception& error) {
    return detail_answer(400, error.what());
  }
}

Answer Control::answer_or_throw(std::string_view method, std::string_view path,
                                std::string_view query, std::string_view body) {
  const bool get = method == "GET";
  const bool post = method == "POST";
  const bool erase = method == "DELETE";
  if (path == "requests" && get) return json_answer(log_.json());
  if (path == "requests" && erase) {
    log_.clear();
    return json_answer("{}");
  }
  if (path == "faults" && get) return json_answer(faults_.json());
  if (path == "faults" && post) {
    faults_.add(body);
    return json_answer(faults_.json());
  }
  if (path == "faults" && erase) {
    faults_.clear();
    return json_answer("[]");
  }
  if (path == "truth" && get) {
    auto text = world_.read(
        [&](const World& world) { return truth(world, QueryString(query), clock_.now()); });
    return text ? json_answer(std::move(*text)) : no_such_resource();
  }
  if (path == "world" && post) {
    return json_answer(
        world_.write([&](World& world) { return change_world(world, body, clock_.now()); }));
  }
  if (path == "clock" && post) return set_clock(body);
  if (path == "clock" && get)
    return json_answer("{\"now\":" + json_text(sentry_time(clock_.now())) + "}");
  if (path == "options" && get) return json_answer(options_);
  return detail_answer(404, "sentry-sandbox has no such control route");
}

Answer Control::set_clock(std::string_view body) {
  const auto json = nlohmann::json::parse(body);
  if (json.contains("set")) {
    clock_.set(parse_moment(json.at("set").dump(), clock_.now()));
  } else {
    const double seconds = json.at("advance").get<double>();
    clock_.advance(Duration(static_cast<std::int64_t>(seconds * 1e6)));
  }
  return json_answer("{\"now\":" + json_text(sentry_time(clock_.now())) + "}");
}

}  // namespace sandbox
