#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/sync.h"
#include "fakes/captured_output.h"
#include "fakes/fake_http.h"
#include "sentry/answers/answers.h"
#include "sentry/source/source.h"

namespace source_sentry {

inline constexpr const char* kWeb =
    R"({"id":"4507","slug":"web","dateCreated":"2025-01-01T00:00:00Z","organization":{"id":"1","slug":"acme"}})";
inline const std::pair<std::string, std::string> kEnd = {
    "link", "<u>; rel=\"next\"; results=\"false\"; cursor=\"0:100:0\""};

/// Lets the time pass that a client waits for an answer.
class WaitingHttp final : public HttpClient {
 public:
  WaitingHttp(const FakeHttp::Server& server, Clock& clock) : http_(server), clock_(clock) {}
  void start(const Request& request) override {
    longest_ = request.longest > Duration::zero() ? request.longest : std::chrono::minutes(2);
    http_.start(request);
  }
  void finish(Response& response, std::stop_token stop) override {
    http_.finish(response, stop);
    if (response.problem == TransportProblem::kTimeout) clock_.sleep_for(longest_, stop);
  }
  void cancel() override { http_.cancel(); }

 private:
  FakeHttp http_;
  Clock& clock_;
  Duration longest_{};
};

/// A whole run of all streams against a server in a function.
struct WholeRun {
  WholeRun(const nlohmann::json& changes, const FakeHttp::Server& server, std::size_t workers = 1) {
    nlohmann::json document = {
        {"auth_token", "t0ken"}, {"organization", "acme"}, {"hostname", "sentry.example.com"}};
    if (!changes.is_null()) document.update(changes);
    const Config config = read_config(document, false);
    Source source(config, captured.clock(), {});
    std::vector<StreamJob> jobs;
    const StreamTable table(config);
    for (const StreamSpec& spec : table) {
      if (is_offered(spec, config)) jobs.push_back(source.job({spec.name}));
    }
    const FakeHttp::Server counted = [&](const std::string& target) {
      ++requests;
      return server(target);
    };
    const Judge judge = make_judge(config.host);
    Pacer pacer;
    const SyncContext context{
        outputs_to(captured.emitter()),
        captured.clock(),
        [&] { return std::make_unique<WaitingHttp>(counted, captured.clock()); },
        judge,
        pacer,
        captured.stop().get_token(),
        workers};
    const Instant begun = captured.clock().steady_now();
    for (const auto& [stream, why] : run_sync(jobs, context)) failed[stream] = why;
    took = captured.clock().steady_now() - begun;
    for (const std::string& line : captured.story()) {
      if (line.starts_with("RECORD ")) records.push_back(line.substr(7));
    }
    for (const auto& line : captured.lines()) {
      if (line["type"] == "TRACE" && line["trace"]["type"] == "ERROR") {
        const auto& error = line["trace"]["error"];
        errors.emplace_back(error["stream_descriptor"]["name"], error["message"]);
        kinds.insert(error["failure_type"].get<std::string>());
      }
    }
  }

  std::vector<std::string> failed_streams() const {
    std::vector<std::string> names;
    for (const auto& [name, why] : failed) names.push_back(name);
    return names;
  }

  CapturedOutput captured;
  std::atomic<std::size_t> requests = 0;
  Duration took{};  // all waiting of all workers one after the other
  std::map<std::string, std::string> failed;
  std::vector<std::string> records;
  std::vector<std::pair<std::string, std::string>> errors;  ///< of which stream, and what it says
  std::set<std::string> kinds;                              ///< of those errors
};

}  // namespace source_sentry
