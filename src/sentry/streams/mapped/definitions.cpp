#include "sentry/streams/mapped/definitions.h"

#include <iterator>

#include "mapping/dialects/opslevel.h"
#include "mapping/dialects/port.h"

namespace source_sentry {
namespace {

void append(Translation translation, Definitions& all) {
  const auto move_all = [](auto& from, auto& to) {
    for (auto& one : from) to.push_back(std::move(one));
  };
  move_all(translation.mapped_streams, all.mapped);
  move_all(translation.mapped_places, all.mapped_places);
  move_all(translation.custom_streams, all.custom);
  move_all(translation.custom_places, all.custom_places);
  move_all(translation.notes, all.notes);
  move_all(translation.warnings, all.warnings);
}

void add_places(const char* key, const nlohmann::ordered_json& entries,
                std::vector<std::string>& places) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    places.push_back(key + ("[" + std::to_string(i) + "]"));
  }
}

}  // namespace

Definitions definitions_of(const MappingConfig& config, const std::vector<std::string>& streams,
                           EveryMistake& each) {
  Definitions all;
  all.mapped = config.mapped_streams;
  all.custom = config.custom_streams;
  add_places("mapped_streams", all.mapped, all.mapped_places);
  add_places("custom_streams", all.custom, all.custom_places);
  each([&] {
    if (!config.port_app_config.empty()) append(translate_port(config.port_app_config), all);
  });
  all.some_are_lost = !each([&] {
    if (config.opslevel_extract.empty() && config.opslevel_transform.empty()) return;
    append(translate_opslevel(config.opslevel_extract, config.opslevel_transform, streams), all);
  });
  return all;
}

}  // namespace source_sentry
