#include "sentry/streams/spec/row_parts.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fakes/message_of.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Json = nlohmann::json;
using Parts = std::vector<std::string>;

/// An event with these members more.
std::string event(const std::string& members) {
  return R"({"id":"0e","eventID":"e1","projectID":"7",)" + members + "}";
}

std::string entry(const std::string& type, const std::string& data) {
  return event(R"("entries":[{"type":"message","data":{"formatted":"x"}},{"type":")" + type +
               R"(","data":)" + data + "}]");
}

TEST(RowParts, OfAnEventAreItsTags) {
  EXPECT_THAT(
      event_tags(event(R"("tags":[{"key":"browser","value":"Zoë \u00e9 \"1\"","query":"q"},)"
                       R"( { "key" : "os", "value" : null } ])")),
      ElementsAre(
          R"({"eventID":"e1","projectID":"7","key":"browser","value":"Zoë \u00e9 \"1\"","query":"q"})",
          R"({"eventID":"e1","projectID":"7", "key" : "os", "value" : null })"));
  EXPECT_THAT(event_tags(event(R"("tags":[null,["key","value"],"x",{}])")),
              ElementsAre(R"({"eventID":"e1","projectID":"7"})"));
  EXPECT_THAT(event_tags(R"({"entries":[{"tags":[{"key":"inner"}]}]})"), IsEmpty());
}

/// Old servers write the number of the project as one, and lists name the event by its `id` alone.
TEST(RowParts, OfAnEventNameItHoweverItNamesItself) {
  const auto named = [](const std::string& members) {
    const Parts parts = event_tags("{" + members + R"("tags":[{"key":"k"}]})");
    return parts.empty() ? std::string() : parts.front();
  };
  EXPECT_EQ(named(R"("eventID":"e1","projectID":7,)"),
            R"({"eventID":"e1","projectID":"7","key":"k"})");
  EXPECT_EQ(named(R"("id":"e2","projectID":"7",)"),
            R"({"eventID":"e2","projectID":"7","key":"k"})");
  EXPECT_EQ(named(R"("projectID":null,"eventID":"e1","id":"other",)"),
            R"({"eventID":"e1","projectID":null,"key":"k"})");
  EXPECT_EQ(named(""), R"({"eventID":null,"projectID":null,"key":"k"})");
}

TEST(RowParts, OfAnEventAreItsExceptionsWithTheirPlace) {
  EXPECT_THAT(
      event_exceptions(entry(
          "exception",
          R"({"values":[{"type":"A","value":"é","threadId":12,"stacktrace":null},null,)"
          R"({"type":"B","threadId":"main","module":null},{"threadId":null}],"excOmitted":null})")),
      ElementsAre(
          R"({"eventID":"e1","projectID":"7","index":0,"type":"A","value":"é","threadId":"12","stacktrace":null})",
          R"({"eventID":"e1","projectID":"7","index":2,"type":"B","threadId":"main","module":null})",
          R"({"eventID":"e1","projectID":"7","index":3,"threadId":null})"));
  EXPECT_THAT(event_exceptions(entry("exception", R"({"values":[{}]})")),
              ElementsAre(R"({"eventID":"e1","projectID":"7","index":0})"));
}

TEST(RowParts, OfAnEventAreTheFramesOfItsExceptions) {
  EXPECT_THAT(
      event_frames(entry(
          "exception",
          R"({"values":[{"type":"no trace"},{"stacktrace":null},{"stacktrace":{"frames":null}},)"
          R"({"stacktrace":{"registers":{},"frames":[{"filename":"a.py","vars":{"s":"ü"}},null,)"
          R"({"filename":"b.py","context":[[1,"x"]]}]}},{"stacktrace":{"frames":[{"lineNo":3}]}}]})")),
      ElementsAre(
          R"({"eventID":"e1","projectID":"7","exceptionIndex":3,"index":0,"filename":"a.py","vars":{"s":"ü"}})",
          R"({"eventID":"e1","projectID":"7","exceptionIndex":3,"index":2,"filename":"b.py","context":[[1,"x"]]})",
          R"({"eventID":"e1","projectID":"7","exceptionIndex":4,"index":0,"lineNo":3})"));
}

TEST(RowParts, OfAnEventAreItsBreadcrumbsWithTheirPlace) {
  EXPECT_THAT(
      event_breadcrumbs(
          entry("breadcrumbs",
                R"({"values":[{"message":"日本","data":{"a":null}},7,{"message":null}]})")),
      ElementsAre(
          R"({"eventID":"e1","projectID":"7","index":0,"message":"日本","data":{"a":null}})",
          R"({"eventID":"e1","projectID":"7","index":2,"message":null})"));
}

TEST(RowParts, OfAnEventAreNoneWhereItsEntriesHoldNothing) {
  for (const char* entries :
       {"null", "[]", "{}", "[null]", R"(["exception"])", R"([{"type":"exception"}])",
        R"([{"type":"exception","data":null}])", R"([{"type":"exception","data":[]}])",
        R"([{"type":"exception","data":{}}])", R"([{"type":"exception","data":{"values":null}}])",
        R"([{"type":"exception","data":{"values":[null,"x"]}}])",
        R"([{"type":"breadcrumbs","data":{"values":{}}}])", R"([{"data":{"values":[{"a":1}]}}])",
        R"([{"type":null,"data":{"values":[{"a":1}]}}])",
        R"([{"type":"threads","data":{"values":[{"a":1}]}}])"}) {
    const std::string row = event(R"("entries":)" + std::string(entries));
    EXPECT_THAT(event_exceptions(row), IsEmpty()) << entries;
    EXPECT_THAT(event_frames(row), IsEmpty()) << entries;
    EXPECT_THAT(event_breadcrumbs(row), IsEmpty()) << entries;
  }
}

TEST(RowParts, OfAProjectAreTheNamesOfItsFeaturesAndOfWhatTheTokenMayDo) {
  constexpr std::string_view kProject =
      R"({"id":"7","slug":"web","features":["replays",null,"a\"b"],"access":["org:read"]})";
  EXPECT_THAT(project_features(kProject),
              ElementsAre(R"({"projectId":"7","projectSlug":"web","name":"replays"})",
                          R"({"projectId":"7","projectSlug":"web","name":"a\"b"})"));
  EXPECT_THAT(project_access(kProject),
              ElementsAre(R"({"projectId":"7","projectSlug":"web","name":"org:read"})"));
  for (const char* none : {R"({"id":"7"})", R"({"id":"7","features":null,"access":null})",
                           R"({"id":"7","features":{},"access":[]})"}) {
    EXPECT_THAT(project_features(none), IsEmpty()) << none;
    EXPECT_THAT(project_access(none), IsEmpty()) << none;
  }
}

TEST(RowParts, OfAnIssueAreItsLinksToOtherServices) {
  const Parts links = issue_links(
      R"({"id":"9","sentryAppIssues":[{"id":"1","issueId":9,"webUrl":"u","displayName":"é#1"},null],)"
      R"("integrationIssues":[null,{"id":"30","name":"x","provider":{"key":"jira"},)"
      R"("externalIssues":[{"id":"2","key":"J-1"},{"id":"3","key":"J-2"}]},)"
      R"({"id":"31","externalIssues":null},{"externalIssues":[{"id":"4"}]}]})");
  EXPECT_THAT(
      links,
      ElementsAre(
          R"({"kind":"app","issueId":"9","id":"1","webUrl":"u","displayName":"é#1"})",
          R"({"kind":"integration","issueId":"9","integrationId":"30","provider":{"key":"jira"},"id":"2","key":"J-1"})",
          R"({"kind":"integration","issueId":"9","integrationId":"30","provider":{"key":"jira"},"id":"3","key":"J-2"})",
          R"({"kind":"integration","issueId":"9","id":"4"})"));
  for (const char* none : {R"({"id":"9","sentryAppIssues":null})",
                           R"({"id":"9","sentryAppIssues":{},"integrationIssues":[]})"}) {
    EXPECT_THAT(issue_links(none), IsEmpty()) << none;
  }
  EXPECT_THAT(message_of([] { issue_links(R"({"id":"9"})"); }),
              HasSubstr("does not offer the external links of issues"));
}

TEST(RowParts, OfATagAreTheValuesThatItShows) {
  EXPECT_THAT(tag_values(R"({"issueId":"9","key":"os","topValues":[{"key":"os","value":"ß"},null,)"
                         R"({"value":"\u00e9","count":2}]})"),
              ElementsAre(R"({"key":"os","value":"ß","issueId":"9"})",
                          R"({"value":"\u00e9","count":2,"issueId":"9","key":"os"})"));
  EXPECT_THAT(tag_values(R"({"key":"os"})"), IsEmpty());
}

TEST(RowParts, OfATagAreAllOnlyWhereItCountsNoMore) {
  EXPECT_TRUE(shows_all_values(R"({"uniqueValues":2,"topValues":[{},{}]})"));
  EXPECT_TRUE(shows_all_values(R"({"uniqueValues":0,"topValues":[]})"));
  for (const char* tag : {R"({"uniqueValues":3,"topValues":[{},{}]})", R"({"topValues":[{}]})",
                          R"({"uniqueValues":null,"topValues":[{}]})", R"({"uniqueValues":1})"}) {
    EXPECT_FALSE(shows_all_values(tag)) << tag;
  }
}

TEST(RowParts, OfWhatAWorkflowDidTheIssueIsItsIdAlone) {
  EXPECT_THAT(alert_fire(R"({"group":{"id":"9","title":"x"},"count":3,"workflowId":"4"})"),
              ElementsAre(R"({"issueId":"9","count":3,"workflowId":"4"})"));
  for (const char* none : {R"({"count":3})", R"({"group":null})", R"({"group":{"id":null}})"}) {
    EXPECT_THAT(alert_fire(none), IsEmpty()) << none;
  }
}

TEST(RowParts, OfADashboardAreItsWidgets) {
  EXPECT_THAT(dashboard_widgets(R"({"id":"5","widgets":[{"id":"1","title":"ß"},null,)"
                                R"({"id":"2","dashboardId":"6"},{"id":"3","dashboardId":null}]})"),
              ElementsAre(R"({"id":"1","title":"ß","dashboardId":"5"})",
                          R"({"id":"2","dashboardId":"6"})", R"({"id":"3","dashboardId":"5"})"));
  for (const char* none : {R"({"id":"5"})", R"({"id":"5","widgets":null})"}) {
    EXPECT_THAT(dashboard_widgets(none), IsEmpty()) << none;
  }
}

/// Whatever a row lacks, nothing but JSON may reach the output.
TEST(RowParts, AreJsonAlsoOfARowThatLacksItsId) {
  const std::pair<Parts (*)(std::string_view), const char*> kRows[] = {
      {event_tags, R"({"tags":[{"key":"k"},{}]})"},
      {event_exceptions, R"({"entries":[{"type":"exception","data":{"values":[{"type":"A"}]}}]})"},
      {event_breadcrumbs, R"({"entries":[{"type":"breadcrumbs","data":{"values":[{}]}}]})"},
      {project_features, R"({"features":["a"]})"},
      {project_access, R"({"access":["a"],"id":7})"},
      {issue_links, R"({"sentryAppIssues":[{"id":"1"}],"integrationIssues":[)"
                    R"({"externalIssues":[{"id":"2"},{}]}]})"},
      {dashboard_widgets, R"({"widgets":[{"id":"1"}]})"},
  };
  for (const auto& [parts_of, row] : kRows) {
    const Parts parts = parts_of(row);
    EXPECT_THAT(parts, testing::Not(IsEmpty())) << row;
    for (const std::string& part : parts) {
      EXPECT_TRUE(Json::accept(part)) << part;
    }
  }
}

}  // namespace
}  // namespace source_sentry
