#include "sentry/streams/table.h"

#include <algorithm>
#include <utility>

#include "sentry/config_values.h"
#include "sentry/stream_groups.h"
#include "sentry/streams/explore/configured.h"
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

const StreamSpec* row_named(const std::vector<StreamSpec>& rows, std::string_view name) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const StreamSpec& spec) { return spec.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

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

const StreamSpec* find_stream(std::string_view name) { return row_named(stream_table(), name); }

StreamTable::StreamTable(const Config& config) : rows_(stream_table()) {
  EveryMistake read;
  for (const ExploreStream& chosen : config.explore_streams) {
    if (const StreamSpec* other = row_named(rows_, chosen.name)) {
      if (other->group == kCoreGroup) {
        read([&] {
          refuse_key(chosen.place + ".name", "is \"" + chosen.name +
                                                 "\", which is the name of a stream that every "
                                                 "configuration has. Choose another one.");
        });
        continue;
      }
      hidden_.push_back(chosen.name);
      rows_.erase(rows_.begin() + (other - rows_.data()));
    }
    rows_.push_back(configured_explore_stream(chosen));
  }
  read.finish();
}

const StreamSpec* StreamTable::find(std::string_view name) const { return row_named(rows_, name); }

bool is_offered(const StreamSpec& spec, const Config& config) {
  if (spec.group == kConfiguredGroup) return true;
  return has_group(config.stream_groups, spec.group) &&
         (!spec.writes || config.allow_writing_reads);
}

}  // namespace source_sentry
