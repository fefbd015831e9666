#include "sentry/source/source.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "mapping/jq/watchdog.h"
#include "sentry/source/learned_schema.h"
#include "sentry/streams/custom/custom_chain.h"
#include "sentry/streams/custom/custom_watch.h"
#include "sentry/streams/mapped/remarks.h"
#include "sentry/streams/plans.h"
#include "sentry/streams/spec/record_fields.h"

namespace source_sentry {

Source::Source(Config config, Clock& clock, SecretListener found_secret, StuckListener stuck)
    : config_(std::move(config)),
      streams_(config_),
      found_secret_(std::move(found_secret)),
      stuck_(std::move(stuck)),
      lookup_(config_, clock) {
  for (const std::string& name : streams_.hidden()) {
    spdlog::info("The configuration has a stream {} of its own, which hides the usual one.", name);
  }
  for (const std::string& note : streams_.definitions().notes) spdlog::info("{}", note);
  for (const std::string& text : streams_.definitions().warnings) spdlog::warn("{}", text);
}

namespace {

/// Names what a stream lists, see StreamJob.
std::string list_of(const StreamSpec& spec) {
  if (spec.custom && !spec.custom->parents) {
    return "custom: " + spec.custom->streams.front()->name;
  }
  const StreamSpec& listed = spec.custom ? *spec.custom->parents : spec;
  return listed.path + (listed.in_windows ? " by time: " : ": ") + listed.query;
}

/// Names the lists of the rows, see StreamJob.
std::string children_of(const StreamSpec& spec) {
  std::string name;
  for (const auto* children : {&spec.children, &spec.grandchildren}) {
    if (*children) name += (*children)->paths.front() + "?" + (*children)->query + " ";
  }
  return name;
}

}  // namespace

bool Source::asks_for_catalog() const {
  return std::any_of(streams_.begin(), streams_.end(), [&](const StreamSpec& spec) {
    return spec.learn_schema && is_offered(spec, config_);
  });
}

nlohmann::ordered_json Source::catalog(const ProbeContext& context) const {
  compile_all();
  nlohmann::ordered_json streams = nlohmann::ordered_json::array();
  for (const StreamSpec& spec : streams_) {
    if (!is_offered(spec, config_)) continue;
    streams.push_back(catalog_entry(
        spec.learn_schema ? with_learned_schema(spec, config_, context) : spec, config_));
  }
  return streams;
}

StreamJob Source::job(WantedStream wanted) {
  StreamJob job;
  job.name = wanted.name;
  const StreamSpec* spec = streams_.find(wanted.name);
  if (spec == nullptr) {
    job.plan = [name = wanted.name](Fetcher&) -> StreamPlan {
      throw ConnectorError(FailureKind::kConfig,
                           "There is no stream \"" + name +
                               "\". Refresh the source's schema and choose among its streams.");
    };
    return job;
  }
  warn_of_key(wanted, *spec);
  job.cursor_key = spec->state_key();
  job.full_refresh = wanted.full_refresh;
  job.list = list_of(*spec);
  job.children = children_of(*spec);
  job.saved_state = std::move(wanted.saved_state);
  const bool marks = spec->mapped && spec->mapped->select_marker && !wanted.full_refresh;
  std::vector<std::string> marker_key;
  if (marks) marker_key = primary_key(*spec, config_);
  // The fields that are asked for are those of the records that are made.
  if (spec->mapped) wanted.fields.clear();
  job.plan = [this, spec, list = job.list, fields = std::move(wanted.fields),
              shaping = spec->mapped ? shaping_of(spec->mapped, stuck_, marker_key) : nullptr,
              watchdog = watchdog_of(*spec, stuck_), again = false](Fetcher& fetcher) mutable {
    Selection selection = lookup_.selection(fetcher);
    selection.now = times_.of(list, selection.now, std::exchange(again, true));
    StreamPlan plan =
        plan_stream(*spec, config_, selection, lookup_, fields, found_secret_, shaping);
    for (PartitionPlan& part : plan.plans) part.watchdog = watchdog;
    return plan;
  };
  return job;
}

bool Source::is_live(const std::string& stream) const {
  const StreamSpec* spec = streams_.find(stream);
  return spec != nullptr && spec->webhooks != nullptr;
}

LiveJob Source::live_job(WantedStream wanted) {
  const StreamSpec& spec = *streams_.find(wanted.name);
  warn_of_key(wanted, spec);
  LiveJob job{.name = wanted.name,
              .webhooks = spec.webhooks,
              .full_refresh = wanted.full_refresh,
              .saved_state = std::move(wanted.saved_state)};
  check_excluded(spec, config_);
  if (const auto& excluded = excluded_from(spec, config_); !excluded.empty()) {
    job.transform = leave_out(excluded);
  }
  if (spec.mapped) job.shaping = shaping_of(spec.mapped, stuck_);
  return job;
}

std::shared_ptr<RecordShaping> Source::shaping(const std::string& stream) const {
  const StreamSpec* spec = streams_.find(stream);
  return spec != nullptr && spec->mapped ? shaping_of(spec->mapped, stuck_) : nullptr;
}

StreamJob Source::job_of_source(const StreamSpec& mapped) {
  StreamSpec source = mapped;
  source.mapped = nullptr;
  StreamJob job;
  job.name = mapped.name;
  job.full_refresh = true;
  job.plan = [this, source, none = std::vector<std::string>(),
              watchdog = watchdog_of(source, stuck_)](Fetcher& fetcher) {
    StreamPlan plan =
        plan_stream(source, config_, lookup_.selection(fetcher), lookup_, none, found_secret_);
    for (PartitionPlan& part : plan.plans) part.watchdog = watchdog;
    return plan;
  };
  return job;
}

ProbeResult Source::probe(const ProbeContext& context) const {
  try {
    if (!config_.live_spool.empty()) check_spool(config_.live_spool);
    compile_all();
  } catch (const ConnectorError& error) {
    return {false, error.message()};
  }
  for (const StreamSpec& spec : streams_) {
    if (!spec.mapped) continue;
    for (const std::string& remark : remarks_on(spec, config_)) spdlog::warn("{}", remark);
  }
  return source_sentry::probe(config_, streams_, context);
}

/// Throws Mistakes where jq cannot take some expressions of the configuration.
void Source::compile_all() const {
  JqPrograms programs;
  EveryMistake each;
  for (const StreamSpec& spec : streams_) {
    if (spec.mapped) each([&] { check_expressions(*spec.mapped, programs); });
    if (spec.custom && !spec.mapped)
      each([&] { check_expressions(*spec.custom->streams.back(), programs); });
  }
  each.finish();
}

/// A catalog keeps the primary key of the configuration that it was discovered with.
void Source::warn_of_key(const WantedStream& wanted, const StreamSpec& spec) const {
  const auto& used = wanted.deduplicated_by;
  if (used.empty()) return;
  for (const std::string& key : primary_key(spec, config_)) {
    if (std::find(used.begin(), used.end(), key) != used.end()) continue;
    spdlog::warn(
        "The catalog's primary key of {} lacks {}, without which {} may mean two records here: a "
        "destination that removes duplicates keeps one of them. Refresh the source's schema, and "
        "clear the stream.",
        wanted.name, key, used.front());
  }
}

}  // namespace source_sentry
