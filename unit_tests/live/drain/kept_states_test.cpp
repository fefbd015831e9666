#include "live/drain/kept_states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "fakes/captured_output.h"
#include "fakes/message_of.h"
#include "fakes/temporary_folder.h"
#include "protocol/stream_output.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

class KeptStatesTest : public testing::Test {
 protected:
  /// A stream that leaves with a record and this state.
  void leave(KeptStates& states, const Json& state) {
    const auto sink = states.watch(outputs_to(output_.emitter()))("issues", Json::object());
    sink->started();
    const std::string record = sink->head() + R"({"id":"1"})" + sink->tail();
    const std::string_view piece = record;
    sink->records({&piece, 1}, 1);
    sink->state(state);
    sink->complete(state);
  }

  static std::function<KeptStates::StdoutReach()> all_taken() {
    return [] { return KeptStates::StdoutReach{}; };
  }

  TemporaryFolder temporary_;
  std::filesystem::path file_ = temporary_.path() / "stdout.json";
  CapturedOutput output_;
};

TEST_F(KeptStatesTest, AreKnownToTheNextProcessOnceTheyAreSaved) {
  KeptStates states(file_, all_taken());
  EXPECT_TRUE(states.of("issues").is_null());
  leave(states, {{"at", 1}});
  EXPECT_TRUE(KeptStates(file_, all_taken()).of("issues").is_null()) << "not saved yet";
  states.save();
  EXPECT_EQ(KeptStates(file_, all_taken()).of("issues"), nlohmann::json({{"at", 1}}));
  EXPECT_EQ(states.of("issues"), nlohmann::json({{"at", 1}}));
}

TEST_F(KeptStatesTest, AreSavedOnceTheReaderHasTakenThem) {
  KeptStates::StdoutReach reach{.written = 100, .taken = 0};
  KeptStates states(file_, [&] { return reach; });
  leave(states, {{"at", 1}});
  states.save();
  EXPECT_TRUE(KeptStates(file_, all_taken()).of("issues").is_null()) << "it waits in the pipe";
  reach.written = 200;
  leave(states, {{"at", 2}});
  states.save();
  reach.taken = 150;
  states.save();
  EXPECT_EQ(KeptStates(file_, all_taken()).of("issues"), nlohmann::json({{"at", 1}}));
  reach.taken = 200;
  states.save();
  EXPECT_EQ(KeptStates(file_, all_taken()).of("issues"), nlohmann::json({{"at", 2}}));
}

TEST_F(KeptStatesTest, HandEverythingOn) {
  KeptStates states(file_, all_taken());
  leave(states, {{"at", 1}});
  EXPECT_THAT(output_.story(), ElementsAre("STARTED issues", "RUNNING issues", "RECORD issues 1",
                                           R"(STATE issues {"at":1} 1.0)", "COMPLETE issues"));
}

TEST_F(KeptStatesTest, AreNotGuessedWhereTheFileIsDamaged) {
  std::ofstream(file_) << "{\"issues\":";
  EXPECT_THAT(message_of([&] { KeptStates states(file_, all_taken()); }), HasSubstr("Remove it"));
}

}  // namespace
}  // namespace source_sentry
