#include "mapping/dialects/opslevel.h"

#include <map>
#include <set>

#include "base/text.h"
#include "mapping/dialects/opslevel_parts.h"
#include "mapping/shape/refuse.h"
#include "mapping/yaml/yaml.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;

struct Part {
  OrderedJson value;
  std::string place;
};

/// The entries of both texts, wherever they stand.
struct Parts {
  std::vector<Part> extractors;
  std::vector<Part> transforms;
};

void collect(const std::string& text, const std::string& name, Parts& parts) {
  for (const OrderedJson& document : read_yaml(text, name)) {
    const bool has_any = document.is_object() &&
                         (document.contains("extractors") || document.contains("transforms"));
    if (!has_any) refuse_config(name + " must have a list of extractors or of transforms.");
    for (const char* key : {"extractors", "transforms"}) {
      const auto found = document.find(key);
      if (found == document.end() || found->is_null()) continue;
      if (!found->is_array()) refuse_config(name + "." + key + " must be a list.");
      auto& list = std::string_view(key) == "extractors" ? parts.extractors : parts.transforms;
      for (std::size_t at = 0; at < found->size(); ++at) {
        const std::string place = name + "." + key + "[" + std::to_string(at) + "]";
        if (!(*found)[at].is_object()) refuse_config(place + " must be a mapping.");
        list.push_back({(*found)[at], place});
      }
    }
  }
}

class Definitions {
 public:
  explicit Definitions(const std::vector<std::string>& streams) : streams_(streams) {}

  void add_extractor(const Part& part) {
    const auto kind = part.value.find("external_kind");
    // Where something is wrong with it, those that name it are right all the same.
    if (kind != part.value.end() && kind->is_string()) kinds_.insert(kind->get<std::string>());
    Extractor extractor = read_extractor(part.value, part.place, streams_, translation_.warnings);
    if (!extractors_.emplace(extractor.kind, extractor).second) {
      refuse_config(part.place + ".external_kind: there is an extractor \"" + extractor.kind +
                    "\" already.");
    }
    if (extractor.name != extractor.kind) {
      translation_.notes.push_back(part.place + ": the stream of \"" + extractor.kind + "\" is " +
                                   extractor.name + ".");
    }
    if (extractor.expires_after_days > 0) {
      translation_.notes.push_back(part.place + ": expires_after_days " +
                                   std::to_string(extractor.expires_after_days) +
                                   " is the destination's to heed.");
    }
    if (extractor.stream.is_null()) {
      translation_.notes.push_back(part.place + ": \"" + extractor.kind +
                                   "\" has no http_polling, so it is for pushes only and makes no "
                                   "stream.");
      return;
    }
    translation_.custom_streams.push_back(extractor.stream);
    translation_.custom_places.push_back(part.place);
  }

  /// Once all extractors are known: each leads to its parents, and to no circle.
  void check_parents(EveryMistake& each) const {
    for (const auto& entry : extractors_) each([&] { check_parents_of(entry.second); });
  }

  void check_parents_of(const Extractor& extractor) const {
    std::string parent = extractor.for_each;
    for (std::size_t steps = 0; !parent.empty(); ++steps) {
      const auto found = extractors_.find(parent);
      if (found == extractors_.end() && kinds_.contains(parent)) return;
      if (found == extractors_.end() || found->second.stream.is_null()) {
        refuse_config(extractor.place + ".http_polling.for_each: there is no extractor \"" +
                      parent + "\" that polls.");
      }
      if (steps == kDeepestChain) {
        refuse_config(extractor.place +
                      ".http_polling.for_each: a circle, or more than 4 parents.");
      }
      parent = found->second.for_each;
    }
  }

  void add_transform(const Part& part) {
    OrderedJson stream = read_transform(part.value, part.place, translation_.warnings);
    const std::string kind = stream["from"];
    const auto extractor = extractors_.find(kind);
    if (extractor == extractors_.end() && !holds(streams_, kind) && !kinds_.contains(kind)) {
      std::string kinds;
      for (const auto& [known, unused] : extractors_) {
        kinds.append(kinds.empty() ? "" : ", ").append(known);
      }
      refuse_config(part.place + ".external_kind: there is no extractor \"" + kind +
                    "\" (there are: " + (kinds.empty() ? "none" : kinds) + ").");
    }
    if (extractor != extractors_.end() && extractor->second.stream.is_null()) {
      translation_.notes.push_back(part.place + ": \"" + kind +
                                   "\" is for pushes only, and so is this.");
      return;
    }
    if (extractor != extractors_.end()) stream["from"] = extractor->second.name;
    const std::string name = stream["name"];
    const int number = ++named_[name];
    if (number > 1) stream["name"] = name + "_" + std::to_string(number);
    translation_.mapped_streams.push_back(std::move(stream));
    translation_.mapped_places.push_back(part.place);
  }

  Translation take() { return std::move(translation_); }

 private:
  static constexpr std::size_t kDeepestChain = 4;

  const std::vector<std::string>& streams_;
  std::map<std::string, Extractor> extractors_;
  std::set<std::string> kinds_;  // of all extractors, those included that are wrong
  std::map<std::string, int> named_;
  Translation translation_;
};

}  // namespace

Translation translate_opslevel(const std::string& extract, const std::string& transform,
                               const std::vector<std::string>& streams) {
  Parts parts;
  EveryMistake each;
  each([&] {
    if (!trim(extract).empty()) collect(extract, "opslevel_extract", parts);
  });
  // What a text that cannot be read has is not known to the other one.
  const bool all_known = each.empty();
  each([&] {
    if (!trim(transform).empty()) collect(transform, "opslevel_transform", parts);
  });
  Definitions definitions(streams);
  for (const Part& part : parts.extractors) each([&] { definitions.add_extractor(part); });
  definitions.check_parents(each);
  for (const Part& part : parts.transforms) {
    if (all_known) each([&] { definitions.add_transform(part); });
  }
  each.finish();
  return definitions.take();
}

}  // namespace source_sentry
