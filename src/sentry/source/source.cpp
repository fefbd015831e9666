#include "sentry/source/source.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "sentry/streams/plans.h"

namespace source_sentry {

Source::Source(Config config, Clock& clock, SecretListener found_secret)
    : config_(std::move(config)), found_secret_(std::move(found_secret)), lookup_(config_, clock) {}

nlohmann::ordered_json Source::catalog() const {
  nlohmann::ordered_json streams = nlohmann::ordered_json::array();
  for (const StreamSpec& spec : stream_table()) streams.push_back(catalog_entry(spec, config_));
  return streams;
}

StreamJob Source::job(WantedStream wanted) {
  StreamJob job;
  job.name = wanted.name;
  const StreamSpec* spec = find_stream(wanted.name);
  if (spec == nullptr) {
    job.plan = [name = wanted.name](Fetcher&) -> StreamPlan {
      throw ConnectorError(FailureKind::kConfig,
                           "There is no stream \"" + name +
                               "\". Refresh the source's schema and choose among its streams.");
    };
    return job;
  }
  warn_of_key(wanted, *spec);
  job.cursor_key = spec->cursor_key;
  job.full_refresh = wanted.full_refresh;
  job.saved_state = std::move(wanted.saved_state);
  job.plan = [this, spec, fields = std::move(wanted.fields)](Fetcher& fetcher) {
    return plan_stream(*spec, config_, lookup_.selection(fetcher), lookup_, fields, found_secret_);
  };
  return job;
}

ProbeResult Source::probe(const ProbeContext& context) const {
  return source_sentry::probe(config_, context);
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
