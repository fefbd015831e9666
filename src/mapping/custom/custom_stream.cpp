#include "mapping/custom/custom_stream.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "mapping/custom/custom_entry.h"
#include "mapping/shape/refuse.h"

namespace source_sentry {
namespace {

/// Of parents, one above the other.
constexpr std::size_t kDeepestChain = 4;
constexpr std::size_t kNoParent = static_cast<std::size_t>(-1);
constexpr std::size_t kLostParent = static_cast<std::size_t>(-2);
constexpr std::array<std::string_view, 4> kOwnNames = {"cursor", "start", "end", "organization"};

/// All entries, and what leads from one to another.
class CustomEntries {
 public:
  explicit CustomEntries(const CustomSources& sources) : sources_(sources) {}

  void add(CustomEntry entry, const std::string& place) {
    if (!names_.insert(entry.stream.name).second) {
      refuse_config(place + ".name: there is a custom stream \"" + entry.stream.name +
                    "\" already.");
    }
    entries_.push_back(std::move(entry));
    places_.push_back(place);
  }

  /// Something is wrong with the entry, and it has been told. Those that name it are not judged.
  void lose(const nlohmann::ordered_json& entry) {
    if (!entry.is_object()) return;
    for (const char* key : {"name", "external_kind"}) {
      const auto name = entry.find(key);
      if (name != entry.end() && name->is_string()) lost_.insert(name->get<std::string>());
    }
  }

  void link(EveryMistake& each) {
    parents_.assign(entries_.size(), kNoParent);
    for (std::size_t at = 0; at < entries_.size(); ++at) {
      if (!each([&] { parents_[at] = parent_of(at); })) parents_[at] = kLostParent;
    }
    bool all_end = true;
    for (std::size_t at = 0; at < entries_.size(); ++at) {
      all_end = each([&] { check_chain(at); }) && all_end;
    }
    for (std::size_t at = 0; at < entries_.size() && all_end; ++at) {
      if (leads_to_lost(at)) continue;
      const CustomStream& stream = entries_[at].stream;
      each([&] { check_names(at, stream.address, stream.address.names()); });
      for (const auto* templates : {&stream.params, &stream.headers}) {
        for (const auto& parameter : *templates) {
          const Template& value = parameter.second;
          each([&] { check_names(at, value, value.names()); });
        }
      }
    }
  }

  std::vector<std::shared_ptr<const CustomStream>> take() {
    made_.resize(entries_.size());
    for (std::size_t at = 0; at < entries_.size(); ++at) make(at);
    return std::move(made_);
  }

 private:
  /// The place of the entry that `for_each` names; kNoParent where it is no custom stream.
  std::size_t parent_of(std::size_t at) {
    const std::string& wanted = entries_[at].for_each;
    if (wanted.empty()) {
      if (entries_[at].stream.inject.empty()) return kNoParent;
      refuse_config(places_[at] + ".inject needs a for_each, whose records it takes from.");
    }
    // Definitions of OpsLevel name kinds.
    if (entries_[at].stream.is_of_opslevel) {
      for (std::size_t other = 0; other < entries_.size(); ++other) {
        const CustomStream& stream = entries_[other].stream;
        if (stream.is_of_opslevel && stream.kind == wanted) return other;
      }
    }
    for (std::size_t other = 0; other < entries_.size(); ++other) {
      if (entries_[other].stream.name == wanted) return other;
    }
    if (holds(sources_.parents, wanted)) {
      entries_[at].stream.listed_parent = wanted;
      return kNoParent;
    }
    if (lost_.contains(wanted)) return kLostParent;
    std::string known;
    for (const std::string& name : sources_.parents) {
      known.append(known.empty() ? "" : ", ").append(name);
    }
    refuse_config(places_[at] + ".for_each: \"" + wanted +
                  "\" is neither a custom stream nor one of " + known + ".");
  }

  void check_chain(std::size_t at) const {
    std::size_t parents = 0;
    std::size_t outer = at;
    for (; is_entry(parents_[outer]); outer = parents_[outer]) {
      if (++parents > kDeepestChain || parents_[outer] == at) {
        refuse_config(places_[at] + ".for_each: a circle, or more than 4 parents.");
      }
    }
    if (parents + (entries_[outer].stream.listed_parent.empty() ? 0 : 1) > kDeepestChain) {
      refuse_config(places_[at] + ".for_each: a circle, or more than 4 parents.");
    }
  }

  static bool is_entry(std::size_t parent) { return parent < kLostParent; }

  bool leads_to_lost(std::size_t at) const {
    while (is_entry(parents_[at])) at = parents_[at];
    return parents_[at] == kLostParent;
  }

  /// What the templates of an entry call its parents.
  std::vector<std::string> kinds_of_parents(std::size_t at) const {
    std::vector<std::string> kinds;
    for (; is_entry(parents_[at]); at = parents_[at]) {
      kinds.push_back(entries_[parents_[at]].stream.kind);
    }
    const std::string& listed = entries_[at].stream.listed_parent;
    if (!listed.empty()) kinds.push_back(listed);
    return kinds;
  }

  void check_names(std::size_t at, const Template& text,
                   const std::vector<std::string>& names) const {
    const std::vector<std::string> kinds = kinds_of_parents(at);
    for (const std::string& name : names) {
      if (holds(kOwnNames, name)) continue;
      if (name == "project") {
        if (sources_.has_project) continue;
        refuse_config(text.place() +
                      ": {{ project }} has no value, since the configuration names no single "
                      "project. Write the slug, or use for_each: projects.");
      }
      const bool of_parent = std::any_of(kinds.begin(), kinds.end(), [&](const std::string& kind) {
        return name.starts_with(kind + ".") &&
               PlainPath::of_dotted(name.substr(kind.size() + 1)).has_value();
      });
      if (of_parent) continue;
      std::string known = "organization, project, cursor, start, end";
      for (const std::string& kind : kinds) known.append(", ").append(kind).append(".MEMBER");
      std::string problem = text.place();
      problem.append(": {{ ").append(name).append(" }} has no meaning there (").append(known);
      refuse_config(problem.append(")."));
    }
  }

  void make(std::size_t at) {
    if (made_[at]) return;
    CustomStream stream = std::move(entries_[at].stream);
    if (parents_[at] != kNoParent) {
      make(parents_[at]);
      stream.parent = made_[parents_[at]];
    }
    made_[at] = std::make_shared<const CustomStream>(std::move(stream));
  }

  const CustomSources& sources_;
  std::set<std::string> names_;
  std::set<std::string> lost_;  // the names of entries that are wrong
  std::vector<CustomEntry> entries_;
  std::vector<std::string> places_;
  std::vector<std::size_t> parents_;
  std::vector<std::shared_ptr<const CustomStream>> made_;
};

}  // namespace

std::vector<std::shared_ptr<const CustomStream>> read_custom_streams(
    const nlohmann::ordered_json& entries, const CustomSources& sources,
    const std::vector<std::string>& places) {
  CustomEntries all(sources);
  EveryMistake each;
  for (std::size_t at = 0; at < entries.size(); ++at) {
    std::string place = at < places.size() ? places[at] : "";
    if (place.empty()) place = "custom_streams[" + std::to_string(at) + "]";
    const bool is_read =
        each([&] { all.add(read_custom_entry(entries[at], place, sources), place); });
    if (!is_read) all.lose(entries[at]);
  }
  all.link(each);
  each.finish();
  return all.take();
}

std::vector<std::shared_ptr<const CustomStream>> chain_of(
    const std::shared_ptr<const CustomStream>& stream) {
  std::vector<std::shared_ptr<const CustomStream>> chain;
  for (auto at = stream; at; at = at->parent) chain.insert(chain.begin(), at);
  return chain;
}

void for_each_expression(
    const CustomStream& stream,
    const std::function<void(const Expression& expression, const std::string& what)>& take) {
  take(stream.rule.iterator, "iterator");
  if (stream.rule.exclude) take(*stream.rule.exclude, "exclude");
  if (stream.rule.select) take(*stream.rule.select, "select");
  take(stream.rule.record_id, "record_id");
  if (stream.next.value) take(*stream.next.value, "next.value");
}

void check_expressions(const CustomStream& stream, JqPrograms& programs) {
  EveryMistake each;
  const auto check = [&](const Expression& expression, const std::string& what) {
    each([&] { check_expression(expression, programs, stream.place + ", " + what); });
  };
  for_each_expression(stream, check);
  each.finish();
}

}  // namespace source_sentry
