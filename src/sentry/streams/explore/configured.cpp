#include "sentry/streams/explore/configured.h"

#include <utility>

#include "base/text.h"
#include "sentry/streams/explore/field_types.h"
#include "sentry/streams/explore/questions.h"

namespace source_sentry {
namespace {

/// Which part of the entry a refusal is about: Sentry's words name the field that it does not take.
std::string blamed(const ExploreStream& chosen, std::string_view words) {
  const auto named = [&](const std::string& text) { return words.find(text) != words.npos; };
  for (const std::string& field : chosen.fields) {
    if (named(field)) return chosen.place + ".fields";
  }
  return chosen.place + (chosen.query.empty() ? ".fields" : ".query");
}

/// Tells the questions of one configuration from those of another: a saved page belongs to them.
std::string mark_of(const ExploreStream& chosen) {
  std::uint64_t hash = fnv1a(chosen.query);
  for (const auto* list : {&chosen.fields, &chosen.projects, &chosen.environments}) {
    for (const std::string& one : *list) hash = fnv1a(one + "\n", hash);
    hash = fnv1a("\n", hash);
  }
  return " " + std::to_string(hash);
}

}  // namespace

StreamSpec configured_explore_stream(const ExploreStream& chosen) {
  const ExploreDataset& dataset = *find_explore_dataset(chosen.dataset);
  const std::vector<std::string> fields = asked_fields(chosen);
  const ExploreQuestion question{.dataset = chosen.dataset,
                                 .fields = fields,
                                 .search = chosen.query,
                                 .counted = dataset.counted,
                                 .projects = chosen.projects,
                                 .environments = chosen.environments};
  StreamSpec spec{
      .name = chosen.name,
      .docs = "Rows of Explore's dataset " + chosen.dataset + ", as the configuration's " +
              chosen.place + " chooses them.",
      .group = kConfiguredGroup,
      .things = "records that " + chosen.place + " chooses",
      .primary_key = dataset.key,
      .rows_id = dataset.rows_id,
      .schema = untyped_rows(fields),
      .blamed = [chosen](std::string_view words) { return blamed(chosen, words); },
      .learn_schema = [fields](std::string_view answer) { return rows_typed_by(answer, fields); }};
  return explore_rows(std::move(spec),
                      dataset.long_pages ? in_any_page(question) : std::vector{question},
                      dataset.id, mark_of(chosen));
}

}  // namespace source_sentry
