#include "mapping/shape/fields.h"

#include <algorithm>
#include <variant>

#include "json/members.h"
#include "mapping/expression/path.h"
#include "mapping/jq/quoted.h"

namespace source_sentry {
namespace {

using Field = Fields::Field;

bool write_fields(std::string_view object, const std::vector<Field>& fields, std::string& out) {
  if (!object.starts_with('{')) return false;
  const std::vector<Member> members = top_level_members(object);
  const std::size_t begin = out.size();
  for (const Field& field : fields) {
    const auto found = std::find_if(members.rbegin(), members.rend(), [&](const Member& member) {
      return has_key(member, field.name);
    });
    if (found == members.rend()) continue;
    const std::size_t before = out.size();
    out += before == begin ? '{' : ',';
    append_quoted(field.name, out);
    out += ':';
    if (field.inner.empty()) {
      out += found->value;
    } else if (!write_fields(found->value, field.inner, out)) {
      out.resize(before);
    }
  }
  if (out.size() == begin) return false;
  out += '}';
  return true;
}

}  // namespace

bool Fields::add(std::string_view dotted) {
  const auto path = PlainPath::of_dotted(dotted);
  if (!path) return false;
  std::vector<Field>* level = &fields_;
  for (std::size_t at = 0; at < path->steps().size(); ++at) {
    const auto& name = std::get<std::string>(path->steps()[at]);
    const bool is_last = at + 1 == path->steps().size();
    auto found = std::find_if(level->begin(), level->end(),
                              [&](const Field& field) { return field.name == name; });
    const bool is_new = found == level->end();
    if (is_new) found = level->insert(level->end(), Field{name, {}});
    if (!is_new && found->inner.empty()) return true;  // whole already
    if (is_last) found->inner.clear();
    level = &found->inner;
  }
  return true;
}

bool Fields::write(std::string_view record, std::string& out) const {
  return write_fields(record, fields_, out);
}

bool Fields::keeps(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [&](const Field& field) { return field.name == name && field.inner.empty(); });
}

}  // namespace source_sentry
