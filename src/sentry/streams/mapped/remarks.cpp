#include "sentry/streams/mapped/remarks.h"

#include <algorithm>

#include "mapping/schema/derived.h"

namespace source_sentry {
namespace {

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list.append(list.empty() ? "" : " and ").append(name);
  return list;
}

/// Whether the member is certainly the same in all records that one record is expanded to.
bool is_same_for_items(const MappedStream& stream, const std::string& name) {
  const auto is_of_item = [&](const PlainPath& path) {
    const auto* key = path.is_whole() ? nullptr : std::get_if<std::string>(&path.steps().front());
    return path.is_whole() || (key != nullptr && *key == stream.items->name);
  };
  if (stream.program) return false;
  if (!stream.map) return name != stream.items->name;
  for (const MapTree::Node& node : stream.map->root().members) {
    if (node.key != name || node.kind != MapTree::Node::Kind::kLeaf) continue;
    const Expression& expression = stream.map->leaves()[node.leaf].expression;
    const PlainPath* path = expression.path();
    return expression.literal() != nullptr || (path != nullptr && !is_of_item(*path));
  }
  return false;
}

/// What there is to know of its key; empty: nothing.
std::string remark_on_key(const MappedStream& stream, const std::vector<std::string>& key,
                          const std::vector<std::string>& source_key) {
  if (key.empty()) {
    // Entities with a search in place of an identifier have none by design.
    if (source_key.empty() || stream.shape != RecordShape::kPlain) return {};
    return " have no primary key: they do not hold " + list_of(source_key) + " of " + stream.from +
           " as it comes, so a record that is read again stands in the destination " +
           "twice. Name the members that tell them apart in primary_key.";
  }
  const auto is_same = [&](const auto& name) { return is_same_for_items(stream, name); };
  if (!stream.items || !std::all_of(key.begin(), key.end(), is_same)) return {};
  return " of one record all have the same primary key (" + list_of(key) +
         "), since none of it is taken from " + stream.items->name +
         ": a destination that removes duplicates keeps one of them. Add a member of the element.";
}

}  // namespace

std::vector<std::string> remarks_on(const StreamSpec& mapped, const Config& config) {
  std::vector<std::string> remarks;
  const MappedStream& stream = *mapped.mapped;
  const std::string records = "The records of " + stream.name;
  std::vector<std::string> source_key = mapped.primary_key;
  const std::vector<std::string> key = primary_key(mapped, config);
  if (const std::string remark = remark_on_key(stream, key, source_key); !remark.empty()) {
    remarks.push_back(records + remark);
  }
  if (mapped.incremental() && !mapped.cursor_key.empty() && record_cursor(mapped).empty()) {
    remarks.push_back(records + " do not hold " + mapped.cursor_key + ", the cursor of " +
                      stream.from +
                      ", as it comes. They are read incrementally all the same; a destination that "
                      "removes duplicates goes by the time of extraction. Add that member, or name "
                      "another one in cursor_field.");
  }
  if (stream.from != "issues" || config.issues_refresh <= Duration::zero()) return remarks;
  // What a marker of issues_refresh is matched by.
  std::vector<std::string> lacking;
  for (const char* member : {"id", "lastSeen"}) {
    if (!keeps_member(stream, member)) lacking.emplace_back(member);
  }
  if (!lacking.empty() && stream.shape == RecordShape::kPlain) {
    remarks.push_back(records + " do not hold " + list_of(lacking) +
                      " of issues as it comes, without which a destination cannot match what "
                      "issues_refresh tells of deleted issues to their records.");
  }
  return remarks;
}

}  // namespace source_sentry
