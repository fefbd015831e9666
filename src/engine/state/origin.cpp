#include "engine/state/origin.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "base/json_member.h"

namespace source_sentry {
namespace {

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

bool differ(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && in_lower_case(a) != in_lower_case(b);
}

Origin read_origin(const nlohmann::json& of) {
  return {text_member(of, "organization"), text_member(of, "host"), text_member(of, "project"),
          text_member(of, "id"), text_member(of, "created")};
}

bool is_foreign(const Origin& ours, const std::vector<std::string>& names, const Origin& saved) {
  if (differ(ours.organization, saved.organization)) return true;
  if (ours.project.empty() || saved.project.empty()) return differ(ours.host, saved.host);
  // A name may change hands, but a number stays.
  if (ours.id.empty() || saved.id.empty()) {
    const bool named = std::find(names.begin(), names.end(), saved.project) != names.end();
    return !named || differ(ours.host, saved.host);
  }
  if (ours.id != saved.id) return true;
  const auto created = parse_instant(ours.created);
  const auto then = parse_instant(saved.created);
  // It tells more than a host, which may be renamed.
  if (created && then) return whole_seconds(*created) != whole_seconds(*then);
  return differ(ours.host, saved.host);
}

}  // namespace

nlohmann::ordered_json Origin::write() const {
  auto json = nlohmann::ordered_json::object();
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  add("organization", organization);
  add("host", host);
  add("project", project);
  add("id", id);
  add("created", created);
  return json;
}

std::optional<std::string> foreign_to(const Origin& origin, const std::vector<std::string>& names,
                                      const nlohmann::json& saved) {
  const nlohmann::json* of = member(saved, kOriginKey);
  if (of == nullptr || origin.organization.empty()) return std::nullopt;
  const Origin found = read_origin(*of);
  if (!is_foreign(origin, names, found)) return std::nullopt;
  return to_text(found);
}

std::string to_text(const Origin& origin) {
  std::string text;
  if (!origin.project.empty()) {
    text = "the project \"" + origin.project + "\"";
    if (!origin.id.empty()) text += " (" + origin.id + ")";
    text += " of ";
  }
  text += "the organization \"" + origin.organization + "\"";
  if (!origin.host.empty()) text += " at " + origin.host;
  return text;
}

}  // namespace source_sentry
