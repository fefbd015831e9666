#include "mapping/expression/row.h"

#include <algorithm>
#include <variant>

#include "base/text.h"
#include "mapping/jq/input.h"
#include "mapping/jq/quoted.h"

namespace source_sentry {

std::optional<JqValue> parse_for_jq(std::string_view json) {
  std::string text;
  if (!jq_input(json, text)) return std::nullopt;
  return JqValue::parse(text);
}

void MappedRow::put_item(std::string_view name, std::string_view item) {
  if (item_name_ != name) {
    part_.reset();
    members_of_part_.clear();
  }
  std::erase(members_of_part_, name);
  item_name_ = name;
  item_ = item;
  whole_.clear();
  parsed_.reset();
}

PathValue MappedRow::find(const PlainPath& path) {
  if (path.is_whole()) return {whole(), {}};
  const auto* key = std::get_if<std::string>(&path.steps().front());
  if (key == nullptr || !record_.starts_with('{')) return path.find(record_);
  const std::string_view value = value_of(*key);
  return value.empty() ? PathValue() : path.find(value, 1);
}

/// The value of the row's member; empty where there is none. All leaves of a map share one walk
/// over the record.
std::string_view MappedRow::value_of(std::string_view key) {
  if (!item_.empty() && key == item_name_) return item_;
  if (members_.empty()) members_ = top_level_members(record_);
  const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                  [&](const Member& member) { return has_key(member, key); });
  return found == members_.rend() ? std::string_view() : found->value;
}

const JqValue* MappedRow::for_jq() {
  if (parsed_) return &*parsed_;
  if (!parsed_record_ && !too_deep_) {
    parsed_record_ = parse_for_jq(record_);
    too_deep_ = !parsed_record_;
  }
  if (too_deep_) return nullptr;
  if (item_.empty()) return &*parsed_record_;
  const std::optional<JqValue> item = parse_for_jq(item_);
  if (!item) return nullptr;
  parsed_ = parsed_record_->with(item_name_, *item);
  return &*parsed_;
}

const JqValue* MappedRow::for_jq(const std::vector<std::string>& members) {
  const bool is_there = item_.empty() ? parsed_record_.has_value() : parsed_.has_value();
  if (is_there || !record_.starts_with('{')) return for_jq();
  if (!part_) part_ = JqValue::parse("{}");
  for (const std::string& key : members) {
    if (holds(members_of_part_, key)) continue;
    if (const std::string_view value = value_of(key); !value.empty()) {
      const std::optional<JqValue> member = parse_for_jq(value);
      if (!member) return nullptr;
      part_ = part_->with(key, *member);
    }
    members_of_part_.push_back(key);
  }
  return &*part_;
}

std::string_view MappedRow::whole() {
  if (item_.empty()) return record_;
  if (whole_.empty()) {
    whole_ = PlainPath(std::vector<PlainPath::Step>{item_name_}).without(record_);
    whole_.pop_back();  // the closing brace
    if (whole_.size() > 1) whole_ += ',';
    append_quoted(item_name_, whole_);
    whole_.append(1, ':').append(item_).append(1, '}');
  }
  return whole_;
}

}  // namespace source_sentry
