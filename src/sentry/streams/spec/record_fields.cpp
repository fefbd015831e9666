#include "sentry/streams/spec/record_fields.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "json/members.h"
#include "sentry/config_values.h"
#include "sentry/streams/spec/by_contents.h"

namespace source_sentry {
namespace {

std::string id_alone(std::string_view object) {
  const std::string_view id = member_value(object, "id");
  return id.empty() ? "{}" : std::string(R"({"id":)").append(id).append("}");
}

/// The value as an object or null.
std::string as_object(std::string_view value) {
  if (value.starts_with('{') || value == "null") return std::string(value);
  const bool is_none = value.starts_with('[') || value == R"("")" || value == "false";
  if (is_none) return "null";
  const bool is_text = value.starts_with('"');
  std::string id(value);
  if (!is_text) id.insert(0, "\"").append("\"");
  return R"({"id":)" + id + "}";
}

/// A number as a text; all else as it is.
std::string number_as_text(std::string_view value) {
  const bool is_number = value.starts_with('-') || (value.front() >= '0' && value.front() <= '9');
  return is_number ? std::string("\"").append(value).append("\"") : std::string(value);
}

}  // namespace

const std::vector<std::string>& excluded_from(const StreamSpec& spec, const Config& config) {
  static const std::vector<std::string> kNone;
  const auto found = config.excluded_fields.find(spec.name);
  return found == config.excluded_fields.end() ? kNone : found->second;
}

void check_excluded(const StreamSpec& spec, const Config& config) {
  std::vector<std::string> needed = spec.primary_key;
  for (const std::string& key : {spec.project_key, spec.cursor_key, spec.received_key}) {
    if (!key.empty()) needed.push_back(key);
  }
  if (spec.by_contents) needed.emplace_back(kDeletedKey);
  for (const std::string& field : excluded_from(spec, config)) {
    if (!holds(needed, field)) continue;
    refuse_key("exclude_fields", "names " + spec.name + "." + field +
                                     ", which tells records apart, orders them or says that one "
                                     "is gone, and so cannot be left out.");
  }
}

std::string without_members(std::string_view record, const std::vector<std::string>& keys) {
  std::string rest = "{";
  for (const Member& member : top_level_members(record)) {
    if (holds(keys, member.key)) continue;
    if (rest.size() > 1) rest += ',';
    rest.append("\"").append(member.key).append("\":").append(member.value);
  }
  return rest += '}';
}

RecordTransform leave_out(std::vector<std::string> fields) {
  return [fields = std::move(fields)](std::string_view record) {
    return Transformed::into(without_members(record, fields));
  };
}

RecordTransform tidy_members(std::vector<std::string> only_ids, std::vector<std::string> objects,
                             std::vector<std::string> texts) {
  return [only_ids = std::move(only_ids), objects = std::move(objects),
          texts = std::move(texts)](std::string_view record) {
    std::string out;
    std::size_t copied = 0;
    for (const Member& member : top_level_members(record)) {
      std::string tidy;
      if (member.value.starts_with('{') && holds(only_ids, member.key)) {
        tidy = id_alone(member.value);
      } else if (holds(objects, member.key)) {
        tidy = as_object(member.value);
      } else if (holds(texts, member.key)) {
        tidy = number_as_text(member.value);
      } else {
        continue;
      }
      const auto begin = static_cast<std::size_t>(member.value.data() - record.data());
      out.append(record, copied, begin - copied);
      out += tidy;
      copied = begin + member.value.size();
    }
    if (copied == 0) return Transformed::as_it_is();
    return Transformed::into(out.append(record, copied));
  };
}

RecordTransform in_turn(RecordTransform first, RecordTransform then) {
  if (!first) return then;
  return [first = std::move(first), then = std::move(then)](std::string_view record) {
    Transformed once = first(record);
    if (once.is_left_out() || !once.is_changed()) return once.is_left_out() ? once : then(record);
    Transformed twice = then(once.json());
    return twice.is_changed() || twice.is_left_out() ? twice : once;
  };
}

}  // namespace source_sentry
