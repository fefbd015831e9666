#include "app/settings/message_files.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "fakes/temporary_folder.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kLog = R"({"type":"LOG","log":{"level":"INFO","message":"Hello"}})";
/// Neither is JSON: records are not parsed, whatever they hold.
const std::string kRecord = R"({"type":"RECORD","record":{"stream":"issues","data":{oops)";

std::string state(const std::string& stream, int cursor) {
  return R"({"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":")" +
         stream + R"("},"stream_state":{"c":)" + std::to_string(cursor) + "}}}}";
}

class MessageFilesTest : public testing::Test {
 protected:
  std::string file(const std::string& text) {
    put(folder_.path() / "file.json", text);
    return (folder_.path() / "file.json").string();
  }

  std::string states_of(const std::string& text) {
    warnings_.clear();
    return nlohmann::json(read_state_file(file(text), warnings_)).dump();
  }

  std::string streams_of(const std::string& text) {
    std::string list;
    for (const ConfiguredStream& stream : read_catalog_file(file(text))) {
      list += stream.name + (stream.sync_mode == SyncMode::kIncremental ? "+ " : " ");
    }
    return list;
  }

  template <typename Read>
  std::string refusal(Read read) {
    try {
      read();
    } catch (const ConnectorError& error) {
      EXPECT_THAT(error.message(), HasSubstr("file.json"));
      return error.message();
    }
    return "accepted";
  }

  TemporaryFolder folder_;
  std::vector<std::string> warnings_;
};

TEST_F(MessageFilesTest, TheLastStateOfEachStreamInAnOutputCounts) {
  const std::string output = kLog + "\n" + state("issues", 1) + "\n" + kRecord + "\n" +
                             state("events", 2) + "\n" + kRecord + "\n" + state("issues", 3) + "\n";
  EXPECT_EQ(states_of(output), R"({"events":{"c":2},"issues":{"c":3}})");
  EXPECT_THAT(warnings_, IsEmpty());
  EXPECT_EQ(states_of("\n\r\n" + output), R"({"events":{"c":2},"issues":{"c":3}})");
}

TEST_F(MessageFilesTest, ADocumentIsReadAsBefore) {
  EXPECT_EQ(states_of("\n[" + state("issues", 1) + "]"), R"({"issues":{"c":1}})");
  EXPECT_EQ(states_of(state("issues", 1)), R"({"issues":{"c":1}})");
  EXPECT_EQ(states_of(R"({"issues":{"c":1}})"), R"({"issues":{"c":1}})");
  EXPECT_EQ(states_of("{\n  \"type\": \"LEGACY\",\n  \"data\": {\"issues\": {}}\n}"),
            R"({"issues":{}})");
  EXPECT_EQ(states_of("null"), "{}");
  EXPECT_THAT(warnings_, IsEmpty());
  EXPECT_THAT(refusal([&] { states_of(""); }), HasSubstr("is empty"));
  EXPECT_THAT(refusal([&] { states_of(" \n"); }), HasSubstr("is empty"));
}

TEST_F(MessageFilesTest, AnOutputMayBeCutOffAnywhere) {
  const std::string whole = kLog + "\n" + state("issues", 1) + "\n" + state("issues", 2) + "\n";
  const std::size_t first = kLog.size() + 1, second = first + state("issues", 1).size() + 1;
  for (std::size_t size = first; size < whole.size(); ++size) {
    const std::string text = whole.substr(0, size);
    const int last = size + 1 < second ? 0 : size + 1 < whole.size() ? 1 : 2;
    EXPECT_EQ(states_of(text),
              last == 0 ? "{}" : R"({"issues":{"c":)" + std::to_string(last) + "}}");
    const bool told = last == 0 || (size > second && last == 1);
    EXPECT_EQ(warnings_.size(), told ? 1 : 0) << text;
  }
  states_of(whole + kRecord);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("ends within a line")));
}

TEST_F(MessageFilesTest, ASpoiledStateIsRefused) {
  for (const std::string& text : {state("issues", 1).substr(1), state("issues", 1).substr(0, 40),
                                  kLog + "\n" + state("issues", 1).substr(0, 40) + "\n"}) {
    EXPECT_NE(refusal([&] { states_of(text); }), "accepted") << text;
  }
}

TEST_F(MessageFilesTest, DamageInsideAnOutputCostsOneState) {
  // As when a second run appends to what a killed one left.
  EXPECT_EQ(states_of(state("issues", 1) + "\n" + state("issues", 2).substr(0, 40) + kLog + "\n" +
                      state("events", 3) + "\n"),
            R"({"events":{"c":3},"issues":{"c":1}})");
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("line 2 begins like a STATE")));
}

TEST_F(MessageFilesTest, ACatalogMayComeInEveryForm) {
  const std::string bare =
      R"({"streams":[{"name":"events"},{"name":"issues","supported_sync_modes":)"
      R"(["full_refresh","incremental"]},{"name":"teams","supported_sync_modes":["full_refresh"]}]})";
  const std::string message = R"({"type":"CATALOG","catalog":)" + bare + "}";
  const std::string wanted = "events+ issues+ teams ";
  EXPECT_EQ(streams_of(bare), wanted);
  EXPECT_EQ(streams_of(message), wanted);
  EXPECT_EQ(streams_of(kLog + "\n" + message + "\n"), wanted);
  EXPECT_EQ(streams_of("{\n\"type\": \"CATALOG\", \"catalog\": " + bare + "}"), wanted);
  EXPECT_EQ(streams_of(R"({"streams":[{"stream":{"name":"issues"},"sync_mode":"full_refresh"},)"
                       R"({"name":"events"}]})"),
            "issues events+ ");
}

TEST_F(MessageFilesTest, ADiscoverThatFailedIsNotACatalog) {
  EXPECT_THAT(refusal([&] { streams_of(kLog + "\n"); }), HasSubstr("no CATALOG"));
  EXPECT_THAT(refusal([&] { streams_of(kLog + "\n" + R"({"type":"CATALOG","cat)"); }),
              HasSubstr("line 2"));
}

}  // namespace
}  // namespace source_sentry
