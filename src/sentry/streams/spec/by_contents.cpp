#include "sentry/streams/spec/by_contents.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/text.h"

namespace source_sentry {
namespace {

/// Removes what `path` leads to.
void remove(nlohmann::json& value, std::string_view path) {
  if (value.is_array()) {
    for (nlohmann::json& entry : value) remove(entry, path);
    return;
  }
  if (!value.is_object()) return;
  const std::size_t dot = path.find('.');
  const std::string key(path.substr(0, dot));
  if (dot == path.npos) {
    value.erase(key);
  } else if (const auto found = value.find(key); found != value.end()) {
    remove(*found, path.substr(dot + 1));
  }
}

/// Puts every array of texts into order.
void sort_texts(nlohmann::json& value) {
  if (!value.is_structured()) return;
  for (nlohmann::json& inner : value) sort_texts(inner);
  const bool of_texts = value.is_array() && std::all_of(value.begin(), value.end(),
                                                        [](auto& one) { return one.is_string(); });
  if (of_texts) std::sort(value.begin(), value.end());
}

}  // namespace

std::uint64_t contents_hash(std::string_view row, const std::vector<std::string>& unstable) {
  nlohmann::json contents = nlohmann::json::parse(row, nullptr, false);
  if (contents.is_discarded()) return fnv1a(row);
  for (const std::string& path : unstable) remove(contents, path);
  sort_texts(contents);
  return fnv1a(contents.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void know_by_contents(const StreamSpec& spec, PartitionPlan& plan) {
  // A record is another one, too, when its project has another name.
  std::string taken;
  for (const FilledMember& member : plan.filled) taken += member.key + '\n' + member.value + '\n';
  plan.fingerprint = [unstable = spec.unstable, of_taken = taken.empty() ? 0 : fnv1a(taken)](
                         std::string_view row, Instant /*now*/) {
    return contents_hash(row, unstable) ^ of_taken;
  };
  plan.gone = [key = spec.id_key(), number = spec.id_is_number](std::string_view id) {
    nlohmann::ordered_json value = id;
    if (number) value = nlohmann::ordered_json::parse(id, nullptr, false);
    if (value.is_discarded()) value = id;
    return nlohmann::ordered_json({{key, std::move(value)}, {kDeletedKey, true}}).dump();
  };
}

}  // namespace source_sentry
