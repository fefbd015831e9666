#include "mapping/dialects/opslevel.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "fakes/message_of.h"
#include "fakes/temporary_folder.h"
#include "mapping/shaped.h"

namespace source_sentry {
namespace {

constexpr const char* kExtract = R"yaml(---
extractors:
- external_kind: P
  iterator: "."
  external_id: .id
  exclude: .name | test("-production$")
  expires_after_days: 14
  http_polling:
    method: GET
    url: "{% if cursor %}{{cursor}}{% else %}https://sentry.io/api/0/projects/{% endif %}"
    headers:
    - name: Authorization
      value: Bearer {{ 'sentry_api_token' | secret }}
    next_cursor:
      from: header
      value: .link.next | if .attributes.results == "true" then .target_url else null end
- external_kind: I
  external_id: .id
  http_polling:
    method: GET
    for_each: P
    url: https://sentry.io/api/0/projects/acme/{{ P.id }}/issues/
)yaml";
constexpr const char* kTransform = R"(---
transforms:
- external_kind: I
  opslevel_kind: sentry_issue
  opslevel_identifier: .id
  on_component_not_found: Create
  properties:
    name: .title
    url: .permalink
    substatus: .substatus
    project_slug: .project.slug
)";

std::string refusal(const std::string& extract, const std::string& transform = "") {
  return message_of([&] { streams_of(translate_opslevel(extract, transform, {"issues"})); });
}

/// A transform of issues with these lines, indented by four blanks.
std::string transform(const std::string& lines) {
  return "transforms:\n  - external_kind: issues\n    opslevel_kind: squad\n    "
         "on_component_not_found: ignore\n" +
         lines;
}

Shaped only(const std::string& text) {
  return Shaped(streams_of(translate_opslevel("", text, {"issues"})).front());
}

TEST(OpsLevel, ExtractorsBecomeCustomStreams) {
  const Translation translation = translate_opslevel(kExtract, kTransform, {});
  ASSERT_EQ(translation.custom_streams.size(), 2U);
  EXPECT_EQ(
      translation.custom_streams[0].dump(),
      R"j({"name":"P","external_kind":"P","url":"{% if cursor %}{{cursor}}{% else %}https://sentry.io/api/0/projects/)j"
      R"j({% endif %}","headers":{"Authorization":"Bearer {{ 'sentry_api_token' | secret }}"},)j"
      R"j("iterator":".","exclude":".name | test(\"-production$\")","record_id":".id","next":)j"
      R"j({"from":"header","value":".link.next | if .attributes.results == \"true\" then )j"
      R"j(.target_url else null end"}})j");
  EXPECT_EQ(
      translation.custom_streams[1].dump(),
      R"({"name":"I","external_kind":"I","url":"https://sentry.io/api/0/projects/acme/{{ P.id }}/issues/",)"
      R"("for_each":"P","iterator":".","record_id":".id","next":{"from":"none"}})");
}

TEST(OpsLevel, TransformsBecomeMappedStreams) {
  const auto streams = streams_of(translate_opslevel(kExtract, kTransform, {}));
  ASSERT_EQ(streams.size(), 1U);
  EXPECT_EQ(streams[0]->name + " " + streams[0]->from, "I_to_sentry_issue I");
  Shaped shaped(streams[0]);
  EXPECT_EQ(shaped(R"({"id":"1","title":"T","permalink":"https://x/1","substatus":"ongoing",)"
                   R"("project":{"slug":"web"}})"),
            R"({"opslevel_kind":"sentry_issue","opslevel_identifier":"1","on_component_not_found":)"
            R"("create","properties":{"name":"T","url":"https://x/1","substatus":"ongoing",)"
            R"("project_slug":"web"}})");
  EXPECT_EQ(
      shaped(R"({"id":"2","title":"T"})"),
      R"({"opslevel_kind":"sentry_issue","opslevel_identifier":"2","on_component_not_found":)"
      R"("create","properties":{"name":"T","url":null,"substatus":null,"project_slug":null}})");
  EXPECT_EQ(shaped(R"({"title":"T"})") + shaped(R"({"id":"","title":"T"})"), "");
}

TEST(OpsLevel, TakesTheDefinitionsWhereverTheyStand) {
  const auto dump = [](const Translation& translation) {
    return translation.custom_streams.dump() + translation.mapped_streams.dump();
  };
  const std::string apart = dump(translate_opslevel(kExtract, kTransform, {}));
  EXPECT_EQ(dump(translate_opslevel(kTransform, kExtract, {})), apart) << "swapped keys";
  EXPECT_EQ(dump(translate_opslevel(std::string(kExtract) + kTransform + " \n", "", {})), apart)
      << "two documents";
}

TEST(OpsLevel, KindsGetNamesOfTheirOwnWhereTheyMust) {
  const Translation translation = translate_opslevel(
      "extractors:\n- external_kind: issues\n  external_id: .id\n  http_polling:\n"
      "    method: GET\n    url: a/\n- external_kind: of-issue\n  external_id: .id\n"
      "  http_polling:\n    method: GET\n    url: b/\n    for_each: issues\n",
      transform("    opslevel_identifier: .slug\n"), {"issues"});
  const auto& streams = translation.custom_streams;
  EXPECT_EQ(streams[0]["name"], "opslevel_issues");
  EXPECT_EQ(streams[0]["external_kind"], "issues");
  EXPECT_EQ(streams[1]["name"], "of_issue");
  EXPECT_EQ(streams[1]["for_each"], "issues");
  EXPECT_EQ(translation.mapped_streams[0]["from"], "opslevel_issues");
  EXPECT_EQ(translation.notes.front(),
            "opslevel_extract.extractors[0]: the stream of \"issues\" is opslevel_issues.");
}

TEST(OpsLevel, CollectsSeveralOutputs) {
  Shaped shaped = only(transform(
      "    opslevel_identifier: .slug\n    properties:\n      projects: .projects[].slug\n"
      "    default_properties:\n      tags:\n"
      "      - '.projects | map({\"key\": \"project\", \"value\": .slug})'\n"
      "      - .slug\n"));
  const std::string head =
      R"({"opslevel_kind":"squad","opslevel_identifier":"a","on_component_not_found":"skip",)";
  EXPECT_EQ(shaped(R"({"slug":"a","projects":[{"slug":"web"},{"slug":"api"}]})"),
            head + R"("properties":{"projects":["web","api"]},"default_properties":{"tags":[)"
                   R"({"key":"project","value":"web"},{"key":"project","value":"api"},"a"]}})");
  EXPECT_EQ(shaped(R"({"slug":"a","projects":[{"slug":"web"}]})"),
            head + R"("properties":{"projects":"web"},"default_properties":{"tags":[)"
                   R"({"key":"project","value":"web"},"a"]}})");
  EXPECT_EQ(shaped(R"({"slug":"a","projects":[]})"),
            head + R"("properties":{"projects":null},"default_properties":{"tags":["a"]}})");
  EXPECT_EQ(shaped.warnings(), "");
  EXPECT_EQ(
      only(transform("    opslevel_identifier: .slug\n"))(R"({"slug":"a"})"),
      R"({"opslevel_kind":"squad","opslevel_identifier":"a","on_component_not_found":"skip"})");
}

TEST(OpsLevel, NotesWhatMakesNoStream) {
  const Translation translation = translate_opslevel(
      "extractors:\n- external_kind: k\n  external_id: .id\n  errors: []\n", "", {});
  EXPECT_TRUE(translation.custom_streams.empty());
  EXPECT_EQ(
      translation.notes,
      std::vector<std::string>{"opslevel_extract.extractors[0]: \"k\" has no http_polling, so it "
                               "is for pushes only and makes no stream."});
  EXPECT_EQ(translation.warnings,
            std::vector<std::string>{
                "opslevel_extract.extractors[0]: unknown keys are ignored: errors."});
}

TEST(OpsLevel, IsRefusedWithItsPlace) {
  const auto extractor = [](const std::string& kind, const std::string& more) {
    return "- external_kind: " + kind + "\n  external_id: .id\n  http_polling:\n    url: x\n" +
           more;
  };
  const std::string get = "    method: GET\n";
  EXPECT_EQ(
      refusal("extractors:\n" + extractor("k", "    method: POST\n")),
      "opslevel_extract.extractors[0].http_polling.method: POST is not done; a source only reads, "
      "by GET.");
  EXPECT_EQ(
      refusal("extractors:\n" + extractor("k", get + "    for_each: z\n")),
      "opslevel_extract.extractors[0].http_polling.for_each: there is no extractor \"z\" that "
      "polls.");
  EXPECT_NE(refusal("extractors:\n" + extractor("a", get + "    for_each: b\n") +
                    extractor("b", get + "    for_each: a\n"))
                .find("a circle"),
            std::string::npos);
  EXPECT_EQ(refusal("extractors:\n" + extractor("k", get) + extractor("k", get)),
            "opslevel_extract.extractors[1].external_kind: there is an extractor \"k\" already.");
  std::string other = kTransform;
  EXPECT_EQ(
      refusal("", other),
      "opslevel_transform.transforms[0].external_kind: there is no extractor \"I\" (there are: "
      "none).");
  EXPECT_EQ(refusal("", transform("")),
            "opslevel_transform.transforms[0].opslevel_identifier must be given.");
  EXPECT_EQ(refusal("a: 1"), "opslevel_extract must have a list of extractors or of transforms.");
}

TEST(Dialects, MayNameAFile) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "extract.yaml").string();
  std::ofstream(path) << kExtract;
  EXPECT_EQ(text_or_file(path, "opslevel_extract", true), kExtract);
  EXPECT_EQ(text_or_file(kExtract, "opslevel_extract", false), kExtract);
  EXPECT_EQ(message_of([&] { text_or_file(path, "opslevel_extract", false); }),
            "opslevel_extract names a file, and there are no files here. Paste its text.");
  EXPECT_EQ(
      message_of([&] { text_or_file("/nowhere.yml", "port_app_config", true); }).substr(0, 45),
      "port_app_config: /nowhere.yml cannot be read:");
}

}  // namespace
}  // namespace source_sentry
