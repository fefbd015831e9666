#include "mapping/shape/shaper.h"

#include <gtest/gtest.h>

#include <string>

#include "fakes/message_of.h"
#include "mapping/shaped.h"

namespace source_sentry {
namespace {

std::string entry(const std::string& rest) {
  return R"({"name":"s","from":"issues",)" + rest + "}";
}

TEST(Shaper, PassesTheRecordOnWhereItOnlySelects) {
  Shaped shaped(entry(R"x("select":"(.level | IN(\"error\",\"fatal\")) and .isUnhandled")x"));
  const std::string record = R"({ "level":"fatal", "isUnhandled" : true,"n":1.0,"t":"\u00e9" })";
  EXPECT_EQ(shaped(record), record) << "to the byte";
  EXPECT_EQ(shaped(R"({"level":"info","isUnhandled":true})"), "");
  EXPECT_EQ(shaped.warnings(), "");
  EXPECT_EQ(shaped.shaper.counts().selected, 1U);
  EXPECT_EQ(shaped.shaper.counts().records, 2U);
}

TEST(Shaper, LeavesOutWhatTheSelectorCannotJudge) {
  Shaped all(entry(R"("select":true)"));
  EXPECT_EQ(all("{\"a\":1}"), "{\"a\":1}");
  Shaped as_text(entry(R"("select":"true")"));
  EXPECT_EQ(as_text("{\"a\":1}"), "{\"a\":1}");
  for (const char* select :
       {R"("\"true\"")", R"(".count")", R"(".nope")", R"("empty")", R"(".count.x == 1")"}) {
    Shaped shaped(entry(std::string("\"select\":") + select));
    EXPECT_EQ(shaped(R"({"count":"3"})"), "") << select;
    EXPECT_EQ(shaped.warnings().substr(0, 43), "s, select: 1 of 1 record left out, because ")
        << select;
  }
  Shaped first(entry(R"("select":"true,false")"));
  EXPECT_EQ(first("{\"a\":1}"), "{\"a\":1}");
  Shaped several(entry(R"("select":[".a", ".b"])"));
  EXPECT_EQ(several(R"({"a":true,"b":false})") + several(R"({"a":false,"b":3})"), "");
  EXPECT_EQ(several.warnings(), "");
}

TEST(Shaper, MarksWhatSelectSaysIsNotSelected) {
  const std::string select = R"("select":".on","select_marker":true)";
  Shaped mapped(stream_of(entry(select + R"(,"map":{"t":".t","id":".id + \"x\"","k":".k"})")),
                {"id", "k"});
  EXPECT_EQ(mapped(R"({"id":"1","k":1.10,"t":5,"on":true})"), R"({"t":5,"id":"1x","k":1.10})");
  EXPECT_EQ(mapped(R"({"id":"1","k":1.10,"t":5,"on":false})"),
            R"({"id":"1x","k":1.10,"_deselected":true})");
  EXPECT_EQ(mapped(R"({"id":"1","k":1.10,"t":5,"on":"?"})"), "") << "select fails";
  EXPECT_EQ(mapped(R"({"id":"1","k":null,"on":false})"), "") << "it has no key";
  EXPECT_EQ(mapped(R"({"id":3,"k":1,"on":false})"), "") << "its key fails";
  EXPECT_EQ(mapped.shaper.counts().left_out, 1U);
  Shaped whole(stream_of(entry(select)), {"id"});
  EXPECT_EQ(whole(R"({"t":1,"id":"7","on":false})"), R"({"id":"7","_deselected":true})");
  EXPECT_EQ(whole(R"({"t":1,"on":false})"), "");
  EXPECT_EQ(Shaped(stream_of(entry(select)))(R"({"id":"7","on":false})"), "") << "a full refresh";
}

TEST(Shaper, MapsLeavesInTheirOrderAndNesting) {
  Shaped shaped(
      entry(R"("map":{"id":".id","n":{"big":".n","list":[".a",2,true,null]},"day":".at[0:10]"})"));
  EXPECT_EQ(
      shaped(R"({"id":"7","n":9007199254740993,"a":1.0,"at":"2026-01-02T03:04:05Z"})"),
      R"({"id":"7","n":{"big":9007199254740993,"list":[1.0,2,true,null]},"day":"2026-01-02"})");
}

TEST(Shaper, CountsLeavesThatFail) {
  Shaped shaped(entry(R"("map":{"id":".id","team":".assignedTo.name","tag":".tags[]"})"));
  EXPECT_EQ(shaped(R"({"id":"1","assignedTo":{"name":"ops"},"tags":["x"]})", "1"),
            R"({"id":"1","team":"ops","tag":"x"})");
  EXPECT_EQ(shaped(R"({"id":"2","assignedTo":"None","tags":[]})", "2"),
            R"({"id":"2","team":null,"tag":null})");
  EXPECT_EQ(
      shaped.warnings(),
      "s, map.team: null for 1 of 2 records. First: record 2: Cannot index string with string "
      "\"name\".\n"
      "s, map.tag: null for 1 of 2 records. First: record 2: the expression gives nothing.");
  EXPECT_EQ(shaped.shaper.counts().never_works("s", true), std::nullopt);
}

TEST(Shaper, TellsWhatNeverWorks) {
  Shaped shaped(entry(R"("map":{"id":".id","x":".id.x"})"));
  for (int i = 0; i < 19; ++i) shaped(R"({"id":"1"})");
  EXPECT_EQ(shaped.shaper.counts().never_works("s", true), std::nullopt) << "19 are not enough";
  shaped(R"({"id":"1"})");
  EXPECT_EQ(
      shaped.shaper.counts().never_works("s", false),
      "s, map.x failed for every record (20). First: record 7: Cannot index string with string "
      "\"x\".");
  Shaped selector(entry(R"("select":".nope")"));
  EXPECT_EQ(selector("{\"a\":1}"), "");
  EXPECT_EQ(selector.shaper.counts().never_works("s", false), std::nullopt);
  EXPECT_NE(selector.shaper.counts().never_works("s", true), std::nullopt);
  Shaped none(entry(R"("select":"false")"));
  none("{\"a\":1}");
  EXPECT_EQ(none.shaper.counts().never_works("s", true), std::nullopt) << "that is no error";
}

TEST(Shaper, EndsTheStreamAtTheFirstErrorIfAsked) {
  Shaped shaped(stream_of(entry(R"("map":{"id":".id","x":".id.x"})"), true));
  EXPECT_EQ(
      message_of([&] { shaped(R"({"id":"1"})"); }),
      "s, map.x: record 7: Cannot index string with string \"x\". mapping_errors is \"fail\", "
      "so the stream ends here.");
}

TEST(Shaper, ExpandsItems) {
  const std::string event = R"({"id":"9","entries":[{"type":"exception"},{"type":"breadcrumbs"}]})";
  const std::string rest =
      R"x("items":".entries","item_name":"entry","select":".entry.type == \"exception\"",)x"
      R"x("map":{"id":".id + \"-\" + .entry.type","seen":".entries","n":".entry"})x";
  EXPECT_EQ(Shaped(entry(rest))(event),
            R"({"id":"9-exception","seen":null,"n":{"type":"exception"}})");
  EXPECT_EQ(Shaped(entry(rest + R"(,"keep_items":true)"))(event),
            R"({"id":"9-exception","seen":[{"type":"exception"},{"type":"breadcrumbs"}],)"
            R"("n":{"type":"exception"}})");
  Shaped no_list(entry(R"("items":".id","map":{"id":".id"})"));
  EXPECT_EQ(no_list(event), "");
  EXPECT_EQ(
      no_list.warnings(),
      "s, items: 1 of 1 record left out, because the expression failed or gave what cannot be "
      "used. First: record 7: it gives string, not an array.");
  EXPECT_EQ(Shaped(entry(R"("items":"[.a[],.b[]]","map":{"i":".item","a":".a | length"})"))(
                R"({"a":[1],"b":["x"]})"),
            "{\"i\":1,\"a\":1}\n{\"i\":\"x\",\"a\":1}");
  EXPECT_EQ(Shaped(entry(R"("items":".a")"))(R"({"item":0,"b":1.0,"a":[1.0,{"c":2}]})"),
            "{\"b\":1.0,\"item\":1.0}\n{\"b\":1.0,\"item\":{\"c\":2}}")
      << "the whole row, with the item in place of a member of that name";
  EXPECT_EQ(Shaped(entry(R"("items":".a")"))(R"({"a":[]})"), "");
}

TEST(Shaper, ExpandsNestedLists) {
  const std::string values = R"(.entries[]%| select(.type==\"exception\") | .data.values[]%)";
  const auto with = [&](const std::string& mark) {
    std::string items = values;
    for (std::size_t at = 0; (at = items.find('%', at)) != std::string::npos;) {
      items.replace(at, 1, mark);
    }
    return entry("\"items\":\"[" + items + R"(]","map":{"event":".eventID","type":".item.type"})");
  };
  const std::string event =
      R"({"eventID":"e","entries":[{"type":"exception","data":{"values":[{"type":"KeyError"},)"
      R"({"type":"ValueError"}]}},{"type":"request","data":{}}]})";
  EXPECT_EQ(Shaped(with("? "))(event),
            "{\"event\":\"e\",\"type\":\"KeyError\"}\n{\"event\":\"e\",\"type\":\"ValueError\"}");
  Shaped careful(with("? "));
  EXPECT_EQ(careful(R"({"eventID":"e"})") + careful.warnings(), "");
  Shaped careless(with(" "));
  EXPECT_EQ(careless(R"({"eventID":"e"})"), "");
  EXPECT_NE(careless.warnings().find("Cannot iterate over null"), std::string::npos);
}

TEST(Shaper, TakesOneExpressionAsMap) {
  JqPrograms programs;
  EXPECT_EQ(message_of([&] {
              check_expressions(*stream_of(entry(R"("map":".tags[] | {event: $e, key}")")),
                                programs);
            }),
            "mapped_streams[0] \"s\", map: jq does not know $e (line 1, column 19 of: .tags[] | "
            "{event: $e, key}).");
  Shaped shaped(entry(R"("map":".eventID as $e | .tags[] | {event: $e, key}")"));
  EXPECT_EQ(shaped(R"({"eventID":"e","tags":[{"key":"a"},{"key":"b"}]})"),
            "{\"event\":\"e\",\"key\":\"a\"}\n{\"event\":\"e\",\"key\":\"b\"}");
  Shaped text(entry(R"("map":".id, {id}, {}","primary_key":["id"])"));
  EXPECT_EQ(text(R"({"id":"7"})"), R"({"id":"7"})");
  EXPECT_NE(text.warnings().find("an output is string, not an object"), std::string::npos);
  EXPECT_EQ(text(R"({"id":null})"), "");
  EXPECT_NE(text.warnings().find("s, key: 1 of 2 records left out"), std::string::npos);
}

TEST(Shaper, TakesAMapAsText) {
  const std::string gives = R"({"id":"7","t":"x"})";
  EXPECT_EQ(Shaped(entry(R"("map":"{\"id\": \".id\", \"t\": \".t\"}")"))(gives), gives);
  EXPECT_EQ(Shaped(entry(R"("map":"id: .id\nt: .t\n")"))(gives), gives);
  EXPECT_EQ(Shaped(entry(R"("map":"{id, t}")"))(gives), gives);
  EXPECT_EQ(message_of([] { stream_of(entry(R"("map":"id: .id\nid: .t")")); }),
            "mapped_streams[0] \"s\".map, line 2, column 1: the key \"id\" comes twice.");
}

TEST(Shaper, KeepsFieldsAsTheyCame) {
  Shaped shaped(entry(R"("fields":["id","project.slug","nope","n","project.x.y"])"));
  EXPECT_EQ(shaped(R"({"n":1.0,"project":{"id":"1","slug":"\u00e9"},"id":"7"})"),
            R"({"id":"7","project":{"slug":"\u00e9"},"n":1.0})");
  EXPECT_EQ(shaped(R"({"project":null})"), "");
  EXPECT_NE(shaped.warnings().find("none of the fields is there"), std::string::npos);
}

TEST(Shaper, LeavesOutWhatHasNoKey) {
  Shaped shaped(entry(R"("map":{"a":".a","b":".b"},"primary_key":["a"])"));
  EXPECT_EQ(shaped(R"({"a":"x"})"), R"({"a":"x","b":null})");
  EXPECT_EQ(shaped(R"({"b":"x"})"), "");
  EXPECT_EQ(shaped.warnings(),
            "s, key: 1 of 2 records left out, because the key has no value. "
            "First: record 7: map.a is null or empty.");
}

TEST(Shaper, AddsUpWhatThreadsCounted) {
  Shaped a(entry(R"("map":{"x":".id.x"})"));
  Shaped b(entry(R"("map":{"x":".id.x"})"));
  for (int i = 0; i < 10; ++i) {
    a(R"({"id":"1"})", "1");
    b(R"({"id":"2"})", "2");
  }
  MappingCounts counts;
  counts.add(a.shaper.counts());
  counts.add(b.shaper.counts());
  EXPECT_EQ(counts.records, 20U);
  EXPECT_EQ(counts.never_works("s", false).value_or("").substr(0, 45),
            "s, map.x failed for every record (20). First:");
  EXPECT_EQ(with_commas(1200) + " " + with_commas(12) + " " + with_commas(1234567),
            "1,200 12 1,234,567");
}

}  // namespace
}  // namespace source_sentry
