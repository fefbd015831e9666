#include "sentry/explore_config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "base/text.h"
#include "sentry/config_values.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;
using Texts = std::vector<std::string>;

constexpr std::array<std::string_view, 7> kKeys = {"name",     "dataset",     "fields", "query",
                                                   "projects", "environment", "mode"};

/// Of those a dataset of old servers is one that today's answer with "dataset must be one of".
/// profile_functions is missing: it has no rows, only aggregates. An error that was sent to two
/// projects has its id and its time in both.
const std::vector<ExploreDataset>& datasets() {
  static const std::vector<ExploreDataset> kDatasets = {
      {.name = "errors", .key = {"project", "id"}, .id = "id"},
      // Two traces hardly have spans of one id in the same second.
      {.name = "spans", .key = {"trace", "id"}, .id = "id", .rows_id = "id"},
      {.name = "logs",
       .key = {"sentry.item_id"},
       .id = "sentry.item_id",
       .times = {"timestamp", "timestamp_precise"},
       .long_pages = true},
      {.name = "tracemetrics",
       .key = {"id"},
       .id = "id",
       .counted = "count(metric.name)",
       .long_pages = true},
      // The dataset has no functions (search/eap/uptime_results/definitions.py).
      {.name = "uptime_results",
       .key = {"check_id", "request_sequence"},
       .id = "check_id",
       .counted = ""},
      {.name = "transactions", .key = {"project", "id"}, .id = "id"},
      {.name = "discover", .key = {"project", "id"}, .id = "id"},
      {.name = "issuePlatform", .key = {"project", "id"}, .id = "id"},
  };
  return kDatasets;
}

std::string names_of_datasets() {
  std::string names;
  for (const ExploreDataset& one : datasets()) {
    names.append(names.empty() ? "" : ", ").append(one.name);
  }
  return names;
}

bool holds(const Texts& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

/// What names of tables and columns may be everywhere.
bool is_snake_case(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

std::string text_of(const Json& entry, const std::string& place, const char* key,
                    const std::string& expected) {
  const Json* value = member(entry, key);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    refuse_key(place + "." + key, "must be " + expected + ", not " + kind_of(*value) + ".");
  }
  return std::string(trim(value->get<std::string>()));
}

/// A list of texts; one alone counts as a list of it, and whole numbers as texts.
Texts texts_of(const Json& entry, const std::string& place, const char* key,
               const std::string& expected) {
  const Json* value = member(entry, key);
  if (value == nullptr) return {};
  const std::string where = place + "." + key;
  Texts texts;
  for (const Json& one : value->is_array() ? *value : Json::array({*value})) {
    const bool number = one.is_number_unsigned();
    if (!one.is_string() && !number) {
      std::string problem = "must be a list of " + expected;
      problem.append(value->is_array() ? "; it holds " : "; it is ").append(kind_of(one));
      refuse_key(where, problem + ".");
    }
    texts.emplace_back(number ? one.dump() : std::string(trim(one.get<std::string>())));
    if (texts.back().empty()) {
      refuse_key(where, "must be a list of " + expected + "; it holds an empty one.");
    }
  }
  return texts;
}

std::string name_of(const Json& entry, const std::string& place) {
  constexpr std::size_t kLongest = 63;  // of a table's name in PostgreSQL
  const std::string name = text_of(entry, place, "name", "the stream's name, such as slow_spans");
  const std::string where = place + ".name";
  if (name.empty()) refuse_key(where, "is empty: put the stream's name there, such as slow_spans.");
  if (!is_snake_case(name) || name.size() > kLongest) {
    refuse_key(where, "is \"" + name +
                          "\"; a name has small letters, digits and _, begins with a letter and "
                          "has 63 of them at most.");
  }
  return name;
}

std::string dataset_of(const Json& entry, const std::string& place) {
  const std::string dataset = text_of(entry, place, "dataset", "one of Explore's datasets");
  const std::string where = place + ".dataset";
  if (dataset.empty()) refuse_key(where, "is empty: it can be " + names_of_datasets() + ".");
  if (dataset == "profile_functions") {
    refuse_key(where, "is profile_functions, which has no rows to read, only aggregates.");
  }
  if (find_explore_dataset(dataset) == nullptr) {
    refuse_key(where, "is \"" + dataset + "\"; it can be " + names_of_datasets() + ".");
  }
  return dataset;
}

Texts fields_of(const Json& entry, const std::string& place) {
  const std::string where = place + ".fields";
  Texts fields = texts_of(entry, place, "fields", "Explore's fields such as \"span.op\"");
  if (fields.empty()) refuse_key(where, "is empty: name 1 to 20 of Explore's fields.");
  for (const std::string& field : fields) {
    if (field.ends_with(')')) {
      refuse_key(where, "holds " + field +
                            ", which is a function. The rows themselves are read, not aggregates "
                            "of them: name fields only.");
    }
    if (std::count(fields.begin(), fields.end(), field) > 1) {
      refuse_key(where, "holds " + field + " twice.");
    }
  }
  return fields;
}

void check_number_of_fields(const ExploreStream& stream) {
  const std::size_t asked = asked_fields(stream).size();
  if (asked <= kMostExploreFields) return;
  const std::size_t added = asked - stream.fields.size();
  std::string needed;
  for (const std::string& field : asked_fields(stream)) {
    if (!holds(stream.fields, field)) needed.append(needed.empty() ? "" : ", ").append(field);
  }
  std::string text = "holds " + number_of(stream.fields.size(), "field");
  if (added > 0) {
    text += ", and " + needed + (added == 1 ? " is" : " are") + " always asked for, too";
  }
  refuse_key(
      stream.place + ".fields",
      text + "; Sentry gives " + std::to_string(kMostExploreFields) + " at most. Leave some out.");
}

/// Sentry takes one form or the other: "Cannot query for both ids and slugs".
void check_projects(const ExploreStream& stream) {
  const auto is_number = [](const std::string& project) {
    return project.find_first_not_of("0123456789") == project.npos;
  };
  const auto numbers = std::count_if(stream.projects.begin(), stream.projects.end(), is_number);
  if (numbers == 0 || static_cast<std::size_t>(numbers) == stream.projects.size()) return;
  refuse_key(stream.place + ".projects",
             "names projects by their numbers and by their slugs. Use one or the other for all.");
}

void check_keys(const Json& entry, const std::string& place) {
  for (const auto& [key, value] : entry.items()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) continue;
    std::string known;
    for (const std::string_view one : kKeys) known.append(known.empty() ? "" : ", ").append(one);
    refuse_key(std::string(place).append(".").append(key),
               "is unknown. What can be there is " + known + ".");
  }
  const std::string mode = text_of(entry, place, "mode", "samples");
  if (mode.empty() || mode == "samples") return;
  refuse_key(place + ".mode", "is \"" + mode +
                                  "\". Only the rows themselves can be read, which is samples: "
                                  "leave it out.");
}

/// One entry. All that is wrong with it is noted in `read`.
ExploreStream stream_of(const Json& entry, const std::string& place, EveryMistake& read) {
  ExploreStream stream;
  stream.place = place;
  read([&] { check_keys(entry, place); });
  read([&] { stream.name = name_of(entry, place); });
  read([&] { stream.dataset = dataset_of(entry, place); });
  read([&] {
    stream.fields = fields_of(entry, place);
    check_number_of_fields(stream);
  });
  read([&] { stream.query = text_of(entry, place, "query", "a search in Sentry's words"); });
  read([&] {
    stream.projects = texts_of(entry, place, "projects", "projects' slugs or numbers");
    check_projects(stream);
  });
  read([&] { stream.environments = texts_of(entry, place, "environment", "environments"); });
  return stream;
}

}  // namespace

const ExploreDataset* find_explore_dataset(std::string_view name) {
  const auto& all = datasets();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> asked_fields(const ExploreStream& stream) {
  Texts fields;
  if (const ExploreDataset* dataset = find_explore_dataset(stream.dataset)) {
    for (const Texts* needed : {&dataset->key, &dataset->times}) {
      for (const std::string& field : *needed) {
        if (!holds(stream.fields, field)) fields.push_back(field);
      }
    }
  }
  fields.insert(fields.end(), stream.fields.begin(), stream.fields.end());
  return fields;
}

std::vector<ExploreStream> read_explore_streams(const Json& document) {
  const Json* value = member(document, kExploreStreamsKey);
  if (value == nullptr) return {};
  const std::string expected =
      R"(must be a list of objects such as {"name": "slow_spans", "dataset": "spans", "fields": )"
      R"(["span.op", "span.duration"]})";
  if (!value->is_array()) {
    refuse_key(kExploreStreamsKey, expected + ", not " + kind_of(*value) + ".");
  }
  std::vector<ExploreStream> streams;
  EveryMistake read;
  for (const Json& entry : *value) {
    const std::string place =
        std::string(kExploreStreamsKey) + "[" + std::to_string(streams.size()) + "]";
    ExploreStream& stream = streams.emplace_back();
    read([&] {
      if (!entry.is_object()) refuse_key(place, "must be an object, not " + kind_of(entry) + ".");
      stream = stream_of(entry, place, read);
    });
    read([&] {
      const auto same = std::find_if(streams.begin(), streams.end() - 1, [&](const auto& other) {
        return !stream.name.empty() && other.name == stream.name;
      });
      if (same == streams.end() - 1) return;
      refuse_key(place + ".name",
                 "is \"" + stream.name + "\", which is the name of " + same->place + ", too.");
    });
  }
  read.finish();
  return streams;
}

}  // namespace source_sentry
