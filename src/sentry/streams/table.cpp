#include "sentry/streams/table.h"

#include <algorithm>
#include <utility>

#include "sentry/stream_groups.h"
#include "sentry/streams/families/alerts.h"
#include "sentry/streams/families/apps.h"
#include "sentry/streams/families/code.h"
#include "sentry/streams/families/core.h"
#include "sentry/streams/families/events.h"
#include "sentry/streams/families/explore.h"
#include "sentry/streams/families/issues.h"
#include "sentry/streams/families/people.h"
#include "sentry/streams/families/releases.h"
#include "sentry/streams/families/usage.h"

namespace source_sentry {
namespace {

struct Family {
  const char* group;
  std::vector<StreamSpec> (*streams)();
};

constexpr Family kFamilies[] = {
    {kCoreGroup, core_streams},         {kPeopleGroup, people_streams},
    {kIssuesGroup, issues_streams},     {kIssuesGroup, events_streams},
    {kReleasesGroup, releases_streams}, {kReleasesGroup, code_streams},
    {kAlertsGroup, alerts_streams},     {kUsageGroup, usage_streams},
    {kExploringGroup, explore_streams}, {kAppsGroup, apps_streams},
};

}  // namespace

const std::vector<StreamSpec>& stream_table() {
  static const std::vector<StreamSpec> kTable = [] {
    std::vector<StreamSpec> table;
    for (const Family& family : kFamilies) {
      for (StreamSpec& spec : family.streams()) {
        if (spec.group.empty()) spec.group = family.group;
        table.push_back(std::move(spec));
      }
    }
    return table;
  }();
  return kTable;
}

const StreamSpec* find_stream(std::string_view name) {
  const auto& table = stream_table();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const StreamSpec& spec) { return spec.name == name; });
  return found == table.end() ? nullptr : &*found;
}

bool is_offered(const StreamSpec& spec, const Config& config) {
  return has_group(config.stream_groups, spec.group) &&
         (!spec.writes || config.allow_writing_reads);
}

}  // namespace source_sentry
