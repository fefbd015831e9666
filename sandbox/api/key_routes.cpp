#include <algorithm>

#include "sandbox/api/handlers.h"
#include "sandbox/api/parameters.h"
#include "sandbox/render/key_json.h"

namespace sandbox {
namespace {

struct KeyRow {
  Index project = 0;
  const ClientKey* key = nullptr;
};

/// The keys of some projects, newest first, cut to the page that is asked for.
Answer list_keys(const Call& call, const std::vector<Index>& projects) {
  const auto status = call.query.get("status").value_or("");
  std::vector<KeyRow> rows;
  for (const Index i : projects) {
    for (const ClientKey& key : call.world.project(i).keys) {
      const bool wanted = status.empty() || status == (key.active ? "active" : "inactive");
      if (wanted) rows.push_back({i, &key});
    }
  }
  std::sort(rows.begin(), rows.end(),
            [](const KeyRow& a, const KeyRow& b) { return a.key->row > b.key->row; });
  const Keyset keys{rows.size(), 1,
                    [&](std::size_t row) { return static_cast<std::int64_t>(rows[row].key->row); }};
  const Page page = keyset_page(keys, request_page_size(call), request_cursor(call));
  return list_answer(page, [&](JsonWriter& json, std::size_t row) {
    append_key(json, call.world, call.world.project(rows[row].project), *rows[row].key);
  });
}

}  // namespace

Answer list_project_keys(const Call& call) { return list_keys(call, {call.project}); }

Answer list_organization_keys(const Call& call) {
  std::vector<Index> projects = request_projects(call, false);
  const auto team = call.query.get("team").value_or("");
  if (!team.empty()) {
    const auto& teams = call.world.organization(call.organization).teams;
    const auto found = std::find_if(teams.begin(), teams.end(), [&](const Team& one) {
      return one.slug == team || std::to_string(one.id) == team;
    });
    if (found == teams.end()) throw Refusal(detail_answer(404, "Team not found"));
    const auto index = static_cast<std::uint8_t>(found - teams.begin());
    std::erase_if(projects, [&](Index i) {
      const auto& of = call.world.project(i).teams;
      return std::find(of.begin(), of.end(), index) == of.end();
    });
  }
  return list_keys(call, projects);
}

}  // namespace sandbox
