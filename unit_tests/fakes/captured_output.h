#pragma once

#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "fakes/fake_clock.h"
#include "protocol/emitter.h"
#include "protocol/stream_output.h"

namespace source_sentry {

/// An emitter that writes into a temporary file, and the file's lines as JSON.
class CapturedOutput {
 public:
  explicit CapturedOutput(Secrets secrets = {})
      : file_(std::tmpfile()), emitter_(fileno(file_), clock_, std::move(secrets), stop_) {}
  ~CapturedOutput() { std::fclose(file_); }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  Emitter& emitter() { return emitter_; }
  FakeClock& clock() { return clock_; }
  std::stop_source& stop() { return stop_; }

  std::string text() {
    std::string all;
    std::array<char, 65536> buffer{};
    std::rewind(file_);
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), file_)) > 0;) {
      all.append(buffer.data(), n);
    }
    return all;
  }

  std::vector<nlohmann::json> lines() {
    std::vector<nlohmann::json> parsed;
    std::istringstream stream(text());
    for (std::string line; std::getline(stream, line);) {
      parsed.push_back(nlohmann::json::parse(line));
    }
    return parsed;
  }

  /// A short form for comparing whole runs: "STARTED a", "RECORD a 1", "STATE a {...} 2.0", ...
  std::vector<std::string> story() {
    std::vector<std::string> told;
    for (const auto& line : lines()) {
      const std::string type = line["type"];
      if (type == "RECORD") {
        told.push_back("RECORD " + line["record"]["stream"].get<std::string>() + " " +
                       line["record"]["data"].value("id", "?"));
      } else if (type == "STATE") {
        const auto& state = line["state"];
        told.push_back("STATE " + state["stream"]["stream_descriptor"]["name"].get<std::string>() +
                       " " + state["stream"]["stream_state"].dump() + " " +
                       state["sourceStats"]["recordCount"].dump());
      } else if (type == "TRACE" && line["trace"]["type"] == "STREAM_STATUS") {
        const auto& status = line["trace"]["stream_status"];
        told.push_back(status["status"].get<std::string>() + " " +
                       status["stream_descriptor"]["name"].get<std::string>() +
                       (status.contains("reasons") ? " RATE_LIMITED" : ""));
      } else if (type == "TRACE") {
        told.push_back("ERROR " + line["trace"]["error"]["failure_type"].get<std::string>());
      } else {
        told.push_back(type);
      }
    }
    return told;
  }

 private:
  FakeClock clock_;
  std::stop_source stop_;
  std::FILE* file_;
  Emitter emitter_;
};

}  // namespace source_sentry
