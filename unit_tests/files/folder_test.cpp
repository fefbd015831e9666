#include "files/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/write/record_block.h"
#include "fakes/fake_clock.h"
#include "fakes/message_of.h"
#include "fakes/temporary_folder.h"
#include "files/record_reader.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

const Json kAcme{{"organization", "acme"}, {"host", "sentry.io"}};

/// One run on a folder, which may end in a kill: nothing of it is finished then.
struct OneRun {
  explicit OneRun(const TemporaryFolder& at, const Json& of = kAcme,
                  const FileOptions& options = {})
      : folder(at.path() / "out", of, options, clock,
               {[this](const ConnectorError& error, const std::string& stream) {
                  told.push_back(stream + ": " + error.message());
                },
                [](std::string_view text) { return std::string(text); }}) {}

  StreamSink& begin(const std::string& stream, bool full_refresh = false) {
    resumed_from = folder.begin(
        stream, {full_refresh, [](const Json& state) { return state.contains("position"); }});
    sinks.push_back(folder.sinks()(stream, {}));
    return *sinks.back();
  }

  static void write(StreamSink& sink, const std::vector<std::string>& records) {
    RecordBlock block(sink);
    for (const std::string& record : records) block.add(record);
    block.write();
  }

  /// So long that what comes next is saved.
  void wait() { clock.sleep_for(std::chrono::seconds(1), {}); }

  FakeClock clock;
  std::vector<std::string> told;
  Folder folder;
  Json resumed_from;
  std::vector<std::unique_ptr<StreamSink>> sinks;
};

std::string file(const TemporaryFolder& at, const std::string& name) {
  return text_of(at.path() / "out" / name);
}

Json manifest(const TemporaryFolder& at) { return Json::parse(file(at, "manifest.json")); }

TEST(Folder, HoldsRecordsAloneAndTheStateThatCoversThem) {
  const TemporaryFolder at;
  {
    OneRun run(at);
    StreamSink& events = run.begin("events");
    EXPECT_TRUE(run.resumed_from.is_null());
    OneRun::write(events, {R"({"id":"1"})", R"({"id":"2"})"});
    events.complete({{"dateCreated", "2024"}});
    run.folder.finish(true);
  }
  EXPECT_EQ(file(at, "events.jsonl"), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
  const Json stream = manifest(at)["streams"]["events"];
  EXPECT_EQ(stream["status"], "complete");
  EXPECT_EQ(stream["files"][0]["records"], 2);
  EXPECT_EQ(stream["state"]["dateCreated"], "2024");
  EXPECT_EQ(manifest(at)["runs"][0]["records"]["events"], 2);

  OneRun next(at);
  StreamSink& events = next.begin("events");
  EXPECT_EQ(next.resumed_from["dateCreated"], "2024");
  OneRun::write(events, {R"({"id":"2"})", R"({"id":"3"})"});
  events.complete({{"dateCreated", "2025"}});
  next.folder.finish(true);
  EXPECT_EQ(file(at, "events.jsonl"), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\"}\n");
  EXPECT_EQ(manifest(at)["runs"][1]["records"]["events"], 1) << "what came again does not count";
}

TEST(Folder, AfterAKillOnlyWhatIsCoveredByTheManifestStays) {
  const TemporaryFolder at;
  {
    OneRun run(at);
    StreamSink& events = run.begin("events");
    OneRun::write(events, {R"({"id":"1"})"});
    run.wait();
    events.state({{"dateCreated", "2024"}});
    OneRun::write(events, {R"({"id":"2"})"});
    events.state({{"dateCreated", "2025"}});  // too soon to be saved
    OneRun::write(events, {R"({"id":"3"})"});
  }
  EXPECT_EQ(file(at, "events.jsonl").size(), 33U) << "no record waits in memory";
  OneRun next(at);
  next.begin("events");
  EXPECT_EQ(next.resumed_from["dateCreated"], "2024");
  EXPECT_EQ(file(at, "events.jsonl"), "{\"id\":\"1\"}\n");
  OneRun::write(*next.sinks[0], {R"({"id":"2"})"});
  EXPECT_EQ(file(at, "events.jsonl"), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n")
      << "what was cut off is not known any more";
}

TEST(Folder, AFullRefreshTakesThePlaceOfTheOldFileWhenItIsComplete) {
  const TemporaryFolder at;
  {
    OneRun run(at);
    StreamSink& projects = run.begin("projects", true);
    OneRun::write(projects, {R"({"id":"1"})", R"({"id":"2"})"});
    projects.complete({{"done", true}});
    run.folder.finish(true);
  }
  {
    OneRun run(at);
    StreamSink& projects = run.begin("projects", true);
    EXPECT_TRUE(run.resumed_from.is_null());
    OneRun::write(projects, {R"({"id":"2"})"});
    run.wait();
    projects.state({{"position", 1}});
    EXPECT_EQ(file(at, "projects.jsonl"), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
  }  // killed
  {
    OneRun run(at);
    StreamSink& projects = run.begin("projects", true);
    EXPECT_EQ(run.resumed_from["position"], 1);
    OneRun::write(projects, {R"({"id":"3"})"});
    projects.complete({{"done", true}});
    run.folder.finish(true);
  }
  EXPECT_EQ(file(at, "projects.jsonl"), "{\"id\":\"2\"}\n{\"id\":\"3\"}\n");
  EXPECT_EQ(manifest(at)["streams"]["projects"]["files"][0]["run"], 2);
  EXPECT_FALSE(manifest(at)["streams"]["projects"].contains("successor"));
}

TEST(Folder, AFullRefreshThatIsNotCompleteReplacesNothingThatIs) {
  const TemporaryFolder at;
  for (const bool complete : {true, false}) {
    OneRun run(at);
    StreamSink& projects = run.begin("projects", true);
    OneRun::write(projects, {complete ? R"({"id":"1"})" : R"({"id":"2"})"});
    if (complete) projects.complete({});
    if (!complete) projects.incomplete({});
    run.folder.finish(complete);
  }
  EXPECT_EQ(file(at, "projects.jsonl"), "{\"id\":\"1\"}\n");
  EXPECT_EQ(manifest(at)["streams"]["projects"]["status"], "incomplete");
  OneRun run(at);
  run.begin("projects", true);
  EXPECT_TRUE(run.resumed_from.is_null()) << "it cannot resume, so it begins again";
}

TEST(Folder, AKillBetweenTheManifestAndTheMoveIsMadeGood) {
  const TemporaryFolder at;
  {
    OneRun run(at);
    StreamSink& projects = run.begin("projects", true);
    OneRun::write(projects, {R"({"id":"1"})"});
    projects.complete({});
    run.folder.finish(true);
  }
  std::string before;
  {
    OneRun run(at);
    StreamSink& projects = run.begin("projects", true);
    OneRun::write(projects, {R"({"id":"2"})"});
    projects.complete({});
    run.folder.finish(true);
  }
  // As if nothing had been moved yet.
  const auto out = at.path() / "out";
  Json saved = manifest(at);
  Json& stream = saved["streams"]["projects"];
  stream["successor"] = {{"files", stream["files"]}, {"state", stream["state"]}, {"is_due", true}};
  put(out / "manifest.json", saved.dump());
  std::filesystem::create_directories(out / ".source-sentry/next/projects");
  std::filesystem::rename(out / "projects.jsonl",
                          out / ".source-sentry/next/projects/projects.jsonl");
  put(out / "projects.jsonl", "{\"id\":\"1\"}\n");
  for (int i = 0; i < 2; ++i) {
    OneRun run(at);
    EXPECT_EQ(file(at, "projects.jsonl"), "{\"id\":\"2\"}\n");
    run.folder.begin("projects", {true, {}});  // another refresh, killed before it is saved
  }
}

TEST(Folder, MakesTheHashesOfItsLinesAgainWhereTheyWereLeftBehind) {
  for (const FileFormat format : {FileFormat::kJsonLines, FileFormat::kCsv}) {
    for (const Compression compression : {Compression::kNone, Compression::kGzip}) {
      FileOptions options;
      options.format = format;
      options.compression = compression;
      const TemporaryFolder at;
      {
        OneRun run(at, kAcme, options);
        StreamSink& events = run.begin("events");
        OneRun::write(events, {R"({"id":"1"})", R"({"id":"2"})"});
        events.complete({{"dateCreated", "2024"}});
        run.folder.finish(true);
      }
      std::filesystem::remove_all(at.path() / "out" / ".source-sentry");
      OneRun next(at, kAcme, options);
      if (format == FileFormat::kCsv) {
        EXPECT_THAT(message_of([&] { next.begin("events"); }), HasSubstr("begin again in another"));
        continue;
      }
      OneRun::write(next.begin("events"), {R"({"id":"2"})", R"({"id":"3"})"});
      next.sinks[0]->complete({{"dateCreated", "2025"}});
      next.folder.finish(true);
      EXPECT_EQ(manifest(at)["runs"][1]["records"]["events"], 1);
      EXPECT_EQ(next.sinks[0]->written().records, 1U) << "only what was written counts";
    }
  }
}

TEST(Folder, KnowsWhereItsRecordsBegin) {
  const TemporaryFolder at;
  const auto since_of_a_run = [&](std::optional<Instant> since, bool full_refresh) {
    OneRun run(at);
    FileMode mode{full_refresh, [](const Json&) { return true; }};
    mode.since = since;
    run.resumed_from = run.folder.begin("issues", mode);
    const auto sink = run.folder.sinks()("issues", {});
    OneRun::write(*sink, {R"({"id":")" +
                          std::to_string(run.clock.now().time_since_epoch().count()) + R"("})"});
    sink->incomplete({{"lastSeen", "2026"}});
    run.folder.finish(true);
    return std::pair(run.resumed_from.is_null(),
                     manifest(at)["streams"]["issues"].value("since", "nothing"));
  };
  const Instant first = *parse_instant("2026-01-01T00:00:00Z");
  const std::string saved = format_instant(first);
  EXPECT_EQ(since_of_a_run(first, false), std::pair(true, saved));
  EXPECT_EQ(since_of_a_run(first + std::chrono::hours(1), false), std::pair(false, saved));
  EXPECT_EQ(since_of_a_run(std::nullopt, false), std::pair(false, saved));
  EXPECT_EQ(since_of_a_run(std::nullopt, true), std::pair(true, std::string("nothing")))
      << "a full refresh with another start does not resume";
}

TEST(Folder, SaysWhatKeepsAFullRefreshFromItsPlace) {
  const TemporaryFolder at;
  {
    OneRun run(at);
    OneRun::write(run.begin("projects", true), {R"({"id":"1"})"});
    run.sinks[0]->complete({});
    run.folder.finish(true);
  }
  put(at.path() / "out" / ".source-sentry" / "next", "a file");
  OneRun next(at);
  EXPECT_THAT(message_of([&] { next.begin("projects", true); }), HasSubstr("A file is in the way"));
}

TEST(Folder, ByDayEveryDayHasAFolder) {
  const TemporaryFolder at;
  FileOptions options;
  options.by_day = true;
  for (const char* more : {"1", "2"}) {
    OneRun run(at, kAcme, options);
    FileMode mode;
    mode.cursor_key = "at";
    run.folder.begin("events", mode);
    const auto sink = run.folder.sinks()("events", {});
    const std::string id = more;
    OneRun::write(*sink, {R"({"at":"2026-01-02T23:59:59Z","id":")" + id + "\"}",
                          R"({"at":"2026-01-03T01:00:00+02:00","id":")" + id + "\"}",
                          R"({"at":"2026-01-03T00:00:00Z","id":")" + id + "\"}",
                          R"({"at":null,"id":")" + id + "\"}"});
    sink->complete({{"at", more}});
    run.folder.finish(true);
  }
  const auto lines = [&](const std::string& day) {
    const std::string text = file(at, "events/day=" + day + "/events.jsonl");
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines("2026-01-02"), 4);
  EXPECT_EQ(lines("2026-01-03"), 2);
  EXPECT_EQ(lines("unknown"), 2);
  EXPECT_EQ(manifest(at)["streams"]["events"]["files"].size(), 3U);
  EXPECT_THAT(message_of([&] { OneRun other(at); }),
              HasSubstr("--partition-by day, not with --format jsonl --compress none "
                        "--partition-by nothing"));
}

TEST(Folder, WhatCouldNotBeWrittenIsNotTakenForWritten) {
  const TemporaryFolder at;
  FileOptions options;
  options.by_day = true;
  FileMode mode;
  mode.cursor_key = "at";
  const auto day = at.path() / "out/events/day=2026-01-02";
  const std::string record = R"({"at":"2026-01-02T00:00:00Z"})";
  {
    OneRun run(at, kAcme, options);
    run.folder.begin("events", mode);
    const auto sink = run.folder.sinks()("events", {});
    std::filesystem::create_directories(day.parent_path());
    put(day, "in the way");
    for (int i = 0; i < 2; ++i) {
      EXPECT_THAT(message_of([&] { OneRun::write(*sink, {record}); }),
                  HasSubstr("A file is in the way"));
    }
    sink->state({{"at", "later"}});
    sink->incomplete({{"at", "later"}});
    run.folder.finish(false);
  }
  std::filesystem::remove(day);
  OneRun run(at, kAcme, options);
  EXPECT_TRUE(run.folder.begin("events", mode).is_null());
  const auto sink = run.folder.sinks()("events", {});
  OneRun::write(*sink, {record});
  EXPECT_EQ(text_of(day / "events.jsonl"), record + "\n");
}

TEST(Folder, AFileThatIsLongOrOldEnoughIsFollowedByAnother) {
  const TemporaryFolder at;
  FileOptions options;
  options.rotate_at_bytes = 20;
  options.rotate_after = std::chrono::hours(1);
  OneRun run(at, kAcme, options);
  StreamSink& events = run.begin("events");
  const auto write = [&](const std::string& id) {
    OneRun::write(events, {R"({"id":")" + id + "\"}"});
    events.state({{"at", id}});
  };
  write("1");
  write("2");  // 22 bytes
  write("3");
  run.clock.sleep_for(std::chrono::hours(2), {});
  write("4");
  write("5");
  events.complete({{"at", "5"}});
  run.folder.finish(true);
  EXPECT_EQ(file(at, "events.0001.jsonl"), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
  EXPECT_EQ(file(at, "events.0002.jsonl"), "{\"id\":\"3\"}\n{\"id\":\"4\"}\n")
      << "a file ends where its records are covered by a state";
  EXPECT_EQ(file(at, "events.0003.jsonl"), "{\"id\":\"5\"}\n");
}

TEST(Folder, WhatAKilledRunBeganAndNoManifestKnowsIsGone) {
  for (const bool by_day : {false, true}) {
    const TemporaryFolder at;
    FileOptions options;
    options.by_day = by_day;
    FileMode mode;
    mode.cursor_key = "at";
    const auto run_once = [&] {
      OneRun run(at, kAcme, options);
      run.folder.begin("events", mode);
      const auto sink = run.folder.sinks()("events", {});
      OneRun::write(*sink, {R"({"at":"2026-01-02T00:00:00Z"})"});
      sink->complete({{"at", "2026"}});
      run.folder.finish(true);
    };
    run_once();
    const auto out = at.path() / "out";
    const std::string left =
        by_day ? "events/day=2026-01-02/events.0002.jsonl" : "events.0012.jsonl";
    const std::string also = by_day ? "events/day=2026-01-05/events.jsonl" : "events.0013.jsonl";
    if (by_day) std::filesystem::create_directories((out / also).parent_path());
    for (const std::string& name : {left, also}) put(out / name, "{\"at\":\"lost\"}\n");
    const std::string own = by_day ? "events.jsonl" : "events.all.jsonl";
    put(out / own, "the user's own");
    run_once();
    EXPECT_FALSE(std::filesystem::exists(out / left));
    EXPECT_FALSE(std::filesystem::exists(out / also));
    EXPECT_EQ(file(at, own), "the user's own");
  }
}

TEST(Folder, ACompressedFileEndsItsFramesWhereItIsSafe) {
  const TemporaryFolder at;
  FileOptions options;
  options.compression = Compression::kZstd;
  {
    OneRun run(at, kAcme, options);
    StreamSink& events = run.begin("events");
    OneRun::write(events, {R"({"id":"1"})"});
    events.state({{"at", 1}});
    OneRun::write(events, {R"({"id":"2"})"});
    events.state({{"at", 2}});
    EXPECT_EQ(manifest(at)["streams"]["events"]["files"][0]["bytes"], 0)
        << "too little for a frame";
    run.wait();
    events.beat_if_silent(Duration::zero());
    EXPECT_EQ(manifest(at)["streams"]["events"]["files"][0]["records"], 2);
    OneRun::write(events, {R"({"id":"3"})"});
    run.wait();
    events.beat_if_silent(Duration::zero());
    EXPECT_EQ(manifest(at)["streams"]["events"]["files"][0]["records"], 2) << "no state covers it";
  }
  OneRun run(at, kAcme, options);
  run.begin("events");
  EXPECT_EQ(run.resumed_from["at"], 2);
}

TEST(Folder, TheNewestCopyOfEachRecordIsWrittenBesideTheFiles) {
  for (const FileFormat format : {FileFormat::kJsonLines, FileFormat::kCsv}) {
    for (const Compression compression :
         {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
      const TemporaryFolder at;
      FileOptions options;
      options.format = format;
      options.compression = compression;
      options.dedupe = true;
      options.rotate_at_bytes = 1;
      for (const char* seen : {"1", "2"}) {
        OneRun run(at, kAcme, options);
        FileMode mode;
        mode.key = {"project", "id"};
        mode.columns = {"seen", "project", "id"};
        run.folder.begin("issues", mode);
        const auto sink = run.folder.sinks()("issues", {});
        OneRun::write(*sink, {R"({"id":1,"project":"a,\n","seen":)" + std::string(seen) + "}",
                              R"({"id":1,"project":"b","seen":0})"});
        sink->complete({});
        run.folder.finish(true);
      }
      const Json about = manifest(at)["streams"]["issues"];
      EXPECT_EQ(about["latest"]["name"], "issues.latest." + options.ending());
      EXPECT_EQ(about["latest"]["records"], 2);
      EXPECT_EQ(about["latest"]["run"], 2);
      SavedFile latest;
      latest.bytes = about["latest"]["bytes"];
      std::string text;
      read_records(at.path() / "out" / about["latest"]["name"], latest, options,
                   [&](std::string_view record) { text += record; });
      EXPECT_EQ(text, format == FileFormat::kCsv ? "0,b,1,\n2,\"a,\n\",1,\n"
                                                 : "{\"id\":1,\"project\":\"b\",\"seen\":0}\n"
                                                   "{\"id\":1,\"project\":\"a,\\n\",\"seen\":2}\n");
    }
  }
}

TEST(Folder, TheNewestCopiesAreOfAllThatIsThereHoweverItCame) {
  const TemporaryFolder at;
  FileOptions plain, dedupe;
  dedupe.dedupe = true;
  const auto latest_of_a_run = [&](const FileOptions& options, const std::string& id, bool finish,
                                   bool full_refresh = false) {
    OneRun run(at, kAcme, options);
    FileMode mode;
    mode.full_refresh = full_refresh;
    mode.key = {"id"};
    run.folder.begin("issues", mode);
    const auto sink = run.folder.sinks()("issues", {});
    OneRun::write(*sink, {R"({"id":")" + id + "\"}"});
    run.wait();
    sink->complete({{"lastSeen", "2026"}});
    if (finish) run.folder.finish(true);
    return finish && options.dedupe ? file(at, "issues.latest.jsonl") : std::string();
  };
  const std::string one = "{\"id\":\"1\"}\n", two = "{\"id\":\"2\"}\n", three = "{\"id\":\"3\"}\n";
  EXPECT_EQ(latest_of_a_run(dedupe, "1", true), one);
  latest_of_a_run(dedupe, "2", false);  // killed once the record was saved
  EXPECT_EQ(latest_of_a_run(dedupe, "1", true), one + two);
  latest_of_a_run(plain, "3", true);
  EXPECT_EQ(latest_of_a_run(dedupe, "1", true), one + two + three);
  EXPECT_EQ(latest_of_a_run(dedupe, "4", true, true), "{\"id\":\"4\"}\n");
}

TEST(Folder, ByDayHoldsFewFilesOpenHoweverManyDaysThereAre) {
  for (const Compression compression : {Compression::kNone, Compression::kGzip}) {
    const TemporaryFolder at;
    FileOptions options;
    options.by_day = true;
    options.compression = compression;
    OneRun run(at, kAcme, options);
    FileMode mode;
    mode.cursor_key = "at";
    run.folder.begin("releases", mode);
    const auto sink = run.folder.sinks()("releases", {});
    const auto open_files = [] {
      const std::filesystem::directory_iterator descriptors("/proc/self/fd");
      return std::distance(begin(descriptors), end(descriptors));
    };
    const auto before = open_files();
    auto most = before;
    for (int day = 0; day < 200; ++day) {
      const Instant when = *parse_instant("2020-01-01T00:00:00Z") + std::chrono::days(day);
      OneRun::write(*sink, {R"({"at":")" + format_instant(when) + "\"}"});
      sink->state({{"at", format_instant(when)}});  // none of them is due to be saved
      most = std::max(most, open_files());
    }
    EXPECT_LT(most - before, 140);
    sink->complete({{"at", "2021"}});
    run.folder.finish(true);
    EXPECT_EQ(manifest(at)["streams"]["releases"]["files"].size(), 200U);
  }
}

TEST(Folder, ARunThatNeverBeganLeavesNothingInTheWayOfTheNext) {
  const TemporaryFolder at;
  FileOptions options;
  options.format = FileFormat::kCsv;
  options.compression = Compression::kNone;
  FileMode mode;
  mode.columns = {"id"};
  {
    OneRun run(at, kAcme, options);
    run.folder.begin("events", mode);
    put(at.path() / "out" / "issues.csv", "somebody's");
    EXPECT_THAT(message_of([&] { run.folder.begin("issues", mode); }), HasSubstr("Move it away"));
  }
  OneRun run(at, kAcme, options);
  run.folder.begin("events", mode);
  const auto sink = run.folder.sinks()("events", {});
  sink->complete({{"at", "2024"}});
  run.folder.finish(true);
  EXPECT_EQ(file(at, "events.csv"), "id,_other\n");
}

TEST(Folder, TheColumnsOfCsvStay) {
  const TemporaryFolder at;
  FileOptions options;
  options.format = FileFormat::kCsv;
  for (const char* column : {"id", "name"}) {
    OneRun run(at, kAcme, options);
    FileMode mode;
    mode.columns = {column};
    run.folder.begin("events", mode);
    const auto sink = run.folder.sinks()("events", {});
    OneRun::write(*sink, {R"({"id":1,"name":")" + std::string(column) + "\"}"});
    sink->complete({});
    run.folder.finish(true);
  }
  EXPECT_EQ(file(at, "events.csv"),
            "id,_other\n1,\"{\"\"name\"\":\"\"id\"\"}\"\n"
            "1,\"{\"\"name\"\":\"\"name\"\"}\"\n");
}

TEST(Folder, ErrorsAreToldAndKept) {
  const TemporaryFolder at;
  OneRun run(at);
  StreamSink& events = run.begin("events");
  events.error(ConnectorError(FailureKind::kSystem, "A page is missing."));
  events.incomplete({});
  run.folder.finish(false);
  EXPECT_EQ(run.told, std::vector<std::string>{"events: A page is missing."});
  EXPECT_EQ(manifest(at)["streams"]["events"]["errors"][0], "A page is missing.");
  EXPECT_EQ(manifest(at)["streams"]["events"]["status"], "incomplete");
}

TEST(Folder, AnErrorMayNameAnyPath) {
  const TemporaryFolder at;
  OneRun run(at);
  StreamSink& events = run.begin("events");
  events.error(ConnectorError(FailureKind::kSystem, "caf\xE9 is full."));
  events.incomplete({});
  run.folder.finish(false);
  EXPECT_EQ(manifest(at)["streams"]["events"]["errors"][0], "caf\xEF\xBF\xBD is full.");
}

TEST(Folder, BelongsToOneRunAndOneSource) {
  const TemporaryFolder at;
  {
    OneRun run(at);
    EXPECT_THAT(message_of([&] { OneRun second(at); }), HasSubstr("Another run (process"));
    run.begin("events");
  }
  const Json globex{{"organization", "globex"}, {"host", "sentry.io"}};
  EXPECT_THAT(message_of([&] { OneRun other(at, globex); }),
              HasSubstr("holds the records of the organization \"acme\" at sentry.io, not of the "
                        "organization \"globex\""));
  OneRun again(at);
}

TEST(Folder, TakesNoFileOverThatIsNotItsOwn) {
  const TemporaryFolder at;
  std::filesystem::create_directories(at.path() / "out");
  put(at.path() / "out" / "events.jsonl", "precious");
  OneRun run(at);
  EXPECT_THAT(message_of([&] { run.begin("events"); }), HasSubstr("no run of source-sentry"));
  EXPECT_EQ(file(at, "events.jsonl"), "precious");
}

TEST(Folder, RefusesAManifestThatIsDamagedOrOfALaterVersion) {
  const TemporaryFolder at;
  {
    OneRun run(at);
    run.begin("events");
  }
  const Json good = manifest(at);
  Json later = good;
  later["version"] = 2;
  Json damaged = good;
  damaged.erase("streams");
  Json nobody = good;
  nobody["of"] = nullptr;
  std::vector<std::string> texts = {later.dump(), damaged.dump(), nobody.dump(), "{", ""};
  for (const char* elsewhere :
       {"../events.jsonl", "/etc/events.jsonl", "a/../../events.jsonl", ""}) {
    Json stranger = good;
    stranger["streams"]["events"]["files"][0]["name"] = elsewhere;
    texts.push_back(stranger.dump());
    stranger = good;
    stranger["streams"]["../events"] = good["streams"]["events"];
    texts.push_back(stranger.dump());
  }
  for (const std::string& text : texts) {
    put(at.path() / "out" / "manifest.json", text);
    EXPECT_THAT(message_of([&] { OneRun run(at); }), HasSubstr("manifest.json is")) << text;
  }
}

TEST(FolderOfShard, IsOneForEachShardOfTheSameCount) {
  const TemporaryFolder at;
  for (const char* other : {"shard-photos-of-me", "shard-of-8", "shard-1-of-8.old"}) {
    std::filesystem::create_directories(at.path() / other);
  }
  EXPECT_EQ(folder_of_shard(at.path(), 0, 1), at.path());
  const auto second = folder_of_shard(at.path(), 1, 8);
  EXPECT_EQ(second.filename(), "shard-1-of-8");
  std::filesystem::create_directories(second);
  EXPECT_EQ(folder_of_shard(at.path(), 2, 8).filename(), "shard-2-of-8");
  for (const std::size_t count : {1U, 4U, 18U}) {
    EXPECT_THAT(message_of([&] { folder_of_shard(at.path(), 0, count); }),
                HasSubstr("another number of shards"));
  }
}

}  // namespace
}  // namespace source_sentry
