#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "engine/read/partition_reader.h"
#include "engine/state/stream_state.h"
#include "fakes/captured_output.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"

namespace source_sentry {

inline FakeList make_list(std::size_t rows, Duration over, std::size_t page_size) {
  FakeList list;
  list.page_size = page_size;
  std::mt19937_64 random(rows);  // NOLINT(*-msc51-cpp,*-msc32-c): the same rows in every run
  for (std::size_t i = 0; i < rows; ++i) {
    const auto back =
        static_cast<Duration::rep>(random() % static_cast<unsigned long>(over.count()));
    list.rows.push_back({"r" + std::to_string(i), kNow - Duration(back) - std::chrono::seconds(1)});
  }
  return list;
}

/// One run of a stream against a list, and what came out of it.
struct Outcome {
  bool finished = false;
  std::string error;
  std::vector<nlohmann::json> records;
  std::map<std::string, int> ids;  // how often each record was written
  nlohmann::json last_state;
  std::size_t states = 0;
  std::size_t requests = 0;
  std::vector<std::string> targets;
  std::vector<std::string> story;
};

struct Case {
  nlohmann::json state{};
  bool full_refresh = false;
  int die_after_requests = -1;  // from then on the server refuses everything
  Instant now = kNow;
  std::stop_token stop{};
  std::function<void(const FakeHttp&)> begins{};  // told of the client
  std::size_t clients = 0;                        // lent for requests side by side
  std::string state_key{};                        // where it is not the rows' cursor
};

/// Lends a fetcher so many clients, which all ask this server.
inline void lend(Fetcher& fetcher, std::size_t clients, const FakeHttp::Server& server) {
  if (clients == 0) return;
  fetcher.lend([clients, server, lent = std::make_shared<std::vector<std::weak_ptr<HttpClient>>>()](
                   bool) -> std::shared_ptr<HttpClient> {
    std::erase_if(*lent, [](const auto& client) { return client.expired(); });
    if (lent->size() == clients) return nullptr;
    auto client = std::make_shared<FakeHttp>(server);
    lent->push_back(client);
    return client;
  });
}

inline Outcome read(const PartitionPlan& plan, const FakeHttp::Server& server,
                    const Case& options = {}, const Judge& judge = plain_judge) {
  CapturedOutput captured;
  int left = options.die_after_requests;
  std::vector<std::string> targets;  // in the order of their answers
  const FakeHttp::Server counted = [&](const std::string& target) {
    targets.push_back(target);
    if (left == 0) return answer(403, "");
    if (left > 0) --left;
    return server(target);
  };
  FakeHttp http(counted);
  if (options.begins) options.begins(http);
  Pacer pacer;
  Fetcher fetcher(http, judge, pacer, captured.clock(), options.stop);
  lend(fetcher, options.clients, counted);
  const std::string& key = options.state_key.empty() ? plan.shape.cursor_key : options.state_key;
  StreamOutput output(captured.emitter(), "s", state_before_reading(options.state, key));
  StreamState state(output, key, options.state);
  Outcome result;
  try {
    state.begin({Partition()});
    PartitionReader reader(plan, output, state.checkpoint(0), options.full_refresh,
                           [&](const Checkpoint& checkpoint) { state.save(0, checkpoint); });
    auto progress = PartitionReader::Progress::kMore;
    while (progress == PartitionReader::Progress::kMore) progress = reader.step(fetcher);
    result.finished = progress == PartitionReader::Progress::kDone;
    if (result.finished) {
      state.finish(0, reader.checkpoint());
      output.complete(state.final_state());
    } else {
      output.incomplete(state.present_state());
    }
  } catch (const Stopped&) {
    output.incomplete(state.present_state());
  } catch (const ConnectorError& error) {
    result.error = error.message();
    output.incomplete(state.present_state());
  }
  for (const auto& line : captured.lines()) {
    if (line["type"] == "RECORD") {
      result.records.push_back(line["record"]["data"]);
      ++result.ids[result.records.back().value("id", "")];
    }
    if (line["type"] == "STATE") {
      ++result.states;
      result.last_state = line["state"]["stream"]["stream_state"];
    }
  }
  result.requests = targets.size();
  result.targets = std::move(targets);
  result.story = captured.story();
  return result;
}

inline Outcome read(const FakeList& list, const Case& options = {}) {
  return read(list.plan(options.now), list, options);
}

inline void expect_every_row_once(const Outcome& got, const FakeList& list,
                                  Instant from = Instant::min()) {
  EXPECT_TRUE(got.finished) << got.error;
  std::map<std::string, int> wanted;
  for (const auto& row : list.rows) {
    if (row.when >= from) wanted[row.id] = 1;
  }
  EXPECT_EQ(got.ids, wanted);
}

inline Instant newest(const FakeList& list) {
  return std::max_element(list.rows.begin(), list.rows.end(),
                          [](const auto& a, const auto& b) { return a.when < b.when; })
      ->when;
}

}  // namespace source_sentry
