#include "engine/custom/parent_row.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "json/members.h"

namespace source_sentry {
namespace {

constexpr std::size_t kMostMembersShown = 12;

std::string names_of_members(std::string_view record) {
  std::string names;
  std::size_t shown = 0;
  for (const Member& member : top_level_members(record)) {
    if (shown++ == kMostMembersShown) return names + ", ...";
    names.append(names.empty() ? "" : ", ").append(member.key);
  }
  return excerpt(names, 300);
}

}  // namespace

std::optional<std::string> text_in(std::string_view value) {
  std::string text;
  if (value.starts_with('"')) {
    text = text_of_value(value);
  } else if (!value.empty() && value != "null" && !value.starts_with('{') &&
             !value.starts_with('[')) {
    text = value;
  }
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

ParentNeeds::ParentNeeds(const std::string& kind,
                         const std::vector<std::shared_ptr<const CustomStream>>& below) {
  for (const auto& stream : below) {
    add(kind, stream->address);
    for (const auto& [name, value] : stream->params) add(kind, value);
    for (const auto& [name, value] : stream->headers) add(kind, value);
  }
  if (!below.empty()) inject_ = below.front()->inject;
}

void ParentNeeds::add(const std::string& kind, const Template& text) {
  const std::string beginning = kind + ".";
  for (const std::string& name : text.names()) {
    const bool is_known = std::any_of(names_.begin(), names_.end(),
                                      [&](const Name& known) { return known.whole == name; });
    if (is_known || !name.starts_with(beginning)) continue;
    const auto path = PlainPath::of_dotted(std::string_view(name).substr(beginning.size()));
    if (path) names_.push_back({name, *path});
  }
}

ParentRow ParentNeeds::take(std::string_view record, std::string id) const {
  ParentRow row{.id = std::move(id), .texts = {}, .taken = {}, .members = {}};
  for (const Name& name : names_) {
    row.texts.push_back(text_in(name.path.find(record).value));
    if (!row.texts.back() && row.members.empty()) row.members = names_of_members(record);
  }
  for (const ParentMember& member : inject_) {
    row.taken.emplace_back(member.path.find(record).value);
  }
  return row;
}

const std::optional<std::string>* ParentNeeds::find(std::string_view name,
                                                    const ParentRow& row) const {
  for (std::size_t at = 0; at < names_.size(); ++at) {
    if (names_[at].whole == name) return &row.texts[at];
  }
  return nullptr;
}

}  // namespace source_sentry
