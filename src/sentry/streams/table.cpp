#include "sentry/streams/table.h"

#include <algorithm>
#include <utility>

#include "sentry/config_values.h"
#include "sentry/stream_groups.h"
#include "sentry/streams/custom/custom_spec.h"
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
#include "sentry/streams/mapped/mapped_spec.h"
#include "sentry/streams/mapped/wide_sources.h"
#include "sentry/webhooks/webhook_spec.h"

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

namespace {

/// The row that a mapped stream is made of.
StreamSpec source_of(const MappedStream& mapped, const std::vector<StreamSpec>& rows) {
  if (mapped.from == kWebhooksAsSent) return webhooks_as_sent_spec();
  if (auto wide = wide_source(mapped.from, mapped.tag, stream_table())) return *std::move(wide);
  return *row_named(rows, mapped.from);
}

/// A marker is matched by its key, and full refreshes need none.
void check_marker(const StreamSpec& spec, const Config& config) {
  if (!spec.mapped->select_marker) return;
  const std::string key = spec.mapped->place + ".select_marker";
  if (!spec.incremental()) refuse_key(key, "needs a stream that can be read incrementally.");
  if (primary_key(spec, config).empty()) refuse_key(key, "needs a primary_key.");
}

}  // namespace

StreamTable::StreamTable(const Config& config) : rows_(stream_table()) {
  EveryMistake read;
  if (!config.live_spool.empty()) {
    for (StreamSpec& spec : webhook_specs()) rows_.push_back(std::move(spec));
  }
  for (const ExploreStream& chosen : config.explore_streams) {
    read([&] { add(configured_explore_stream(chosen), chosen.place); });
  }
  std::vector<std::string> names;
  for (const StreamSpec& spec : rows_) names.push_back(spec.name);
  if (!config.live_spool.empty()) names.emplace_back(kWebhooksAsSent);
  // Where something is wrong with a stream, those that name it are right all the same.
  for (const ExploreStream& chosen : config.explore_streams) names.push_back(chosen.name);
  definitions_ = definitions_of(config.mapping, names, read);
  add_custom(config, read);
  for (const auto& entry : definitions_.custom) {
    const auto name = entry.is_object() ? entry.find("name") : entry.end();
    if (name != entry.end() && name->is_string()) names.push_back(name->get<std::string>());
  }
  std::vector<std::shared_ptr<const MappedStream>> mapped;
  read([&] {
    mapped = read_mapped_streams(definitions_.mapped, {names, definitions_.some_are_lost},
                                 config.mapping.errors_are_fatal, definitions_.mapped_places);
  });
  read.finish();
  // One may have the name of the stream that it is made of.
  std::vector<StreamSpec> specs;
  for (const auto& stream : mapped) specs.push_back(mapped_spec(stream, source_of(*stream, rows_)));
  for (StreamSpec& spec : specs) {
    const std::string place = spec.mapped->place;
    read([&] {
      check_marker(spec, config);
      add(std::move(spec), place);
    });
  }
  read.finish();
  if (!config.mapping.opslevel_push) return;
  for (StreamSpec& spec : rows_) {
    if (!spec.custom || spec.mapped || !spec.custom->streams.back()->is_of_opslevel) continue;
    spec = pushing_spec(spec);
  }
}

void StreamTable::add_custom(const Config& config, EveryMistake& read) {
  CustomSpecs custom;
  read([&] {
    custom = custom_specs(definitions_.custom, definitions_.custom_places, config, stream_table());
  });
  for (std::string& note : custom.notes) definitions_.notes.push_back(std::move(note));
  for (std::size_t at = 0; at < custom.specs.size(); ++at) {
    read([&] { add(std::move(custom.specs[at]), definitions_.custom_places[at]); });
  }
}

void StreamTable::add(StreamSpec spec, const std::string& place) {
  if (const StreamSpec* other = row_named(rows_, spec.name)) {
    if (other->group == kCoreGroup) {
      refuse_key(place + ".name", "is \"" + spec.name +
                                      "\", which is the name of a stream that every "
                                      "configuration has. Choose another one.");
    }
    if (other->group == kConfiguredGroup) {
      refuse_key(place + ".name", "is \"" + spec.name +
                                      "\", which another stream of the "
                                      "configuration has, too.");
    }
    hidden_.push_back(spec.name);
    rows_.erase(rows_.begin() + (other - rows_.data()));
  }
  rows_.push_back(std::move(spec));
}

const StreamSpec* StreamTable::find(std::string_view name) const { return row_named(rows_, name); }

bool is_offered(const StreamSpec& spec, const Config& config) {
  if (spec.group == kConfiguredGroup || spec.group == kLiveGroup) return true;
  return has_group(config.stream_groups, spec.group) &&
         (!spec.writes || config.allow_writing_reads);
}

}  // namespace source_sentry
