#include "protocol/state.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace source_sentry {
namespace {

std::string states_of(const char* text, std::size_t expected_warnings = 0) {
  std::vector<std::string> warnings;
  const auto states = read_saved_states(nlohmann::json::parse(text), warnings);
  EXPECT_EQ(warnings.size(), expected_warnings);
  return nlohmann::json(states).dump();
}

TEST(State, ReadsEveryShapeThatClientsWrite) {
  for (const char* empty : {"null", "{}", "[]"}) EXPECT_EQ(states_of(empty), "{}");
  const std::string issues = R"({"issues":{"c":1}})";
  EXPECT_EQ(states_of(R"([{"type":"STREAM","stream":{"stream_descriptor":{"name":"issues"},
                      "stream_state":{"c":1}}}])"),
            issues);
  EXPECT_EQ(states_of(R"([{"type":"STREAM","stream":{"stream_descriptor":{"name":"issues",
                      "namespace":null},"stream_state":{"c":1}},"data":null,"global":null,
                      "sourceStats":null,"destinationStats":null,"new":{}}])"),
            issues);
  EXPECT_EQ(states_of(R"({"type":"STREAM","stream":{"stream_descriptor":{"name":"issues"},
                      "stream_state":{"c":1}}})"),
            issues);
  const std::string line = R"({"type":"STATE","state":{"type":"STREAM","stream":
                      {"stream_descriptor":{"name":"issues"},"stream_state":{"c":1}}}})";
  EXPECT_EQ(states_of(line.c_str()), issues) << "a line of output as it came";
  EXPECT_EQ(states_of(("[" + line + "]").c_str()), issues);
  EXPECT_EQ(states_of(R"([{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[
                      {"stream_descriptor":{"name":"issues"},"stream_state":{"c":1}}]}}])"),
            issues);
  EXPECT_EQ(states_of(R"([{"type":"GLOBAL","global":{"shared_state":{"lsn":1},"stream_states":[
                      {"stream_descriptor":{"name":"issues"},"stream_state":{"c":1}}]}}])",
                      1),
            issues);
  EXPECT_EQ(states_of(R"([{"type":"LEGACY","data":{"issues":{"c":1}}}])"), issues);
  EXPECT_EQ(states_of(R"([{"data":{"issues":{"c":1}}}])"), issues);
  EXPECT_EQ(states_of(R"({"issues":{"c":1}})"), issues);
  EXPECT_EQ(states_of(R"({"issues":null})"), R"({"issues":{}})");
  EXPECT_EQ(states_of(R"([{"type":"STREAM","stream":{"stream_descriptor":{"name":"issues"},
                      "stream_state":null}}])"),
            R"({"issues":{}})");
}

TEST(State, RefusesWhatIsNone) {
  for (const char* text :
       {"7", "[7]", R"([{"type":"STREAM"}])", R"([{"stream":{"stream_state":{}}}])",
        R"([{"stream":{"stream_descriptor":{"name":7}}}])", R"([{"global":7}])",
        R"([{"global":{"stream_states":7}}])", R"([{"data":7}])"}) {
    std::vector<std::string> warnings;
    EXPECT_THROW(read_saved_states(nlohmann::json::parse(text), warnings), ConnectorError) << text;
  }
}

}  // namespace
}  // namespace source_sentry
