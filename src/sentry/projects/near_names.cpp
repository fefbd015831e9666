#include "sentry/projects/near_names.h"

#include <algorithm>

#include "base/text.h"

namespace source_sentry {

namespace {

/// `"web-app", "web"`: the known names that are similar to the wanted one.
std::string near_names(const std::string& wanted, std::vector<std::string> known) {
  constexpr std::size_t kMost = 3;
  const std::string meant = lower(wanted);
  const auto distance = [&](const std::string& slug) {
    const std::string other = lower(slug);
    const bool part = other.find(meant) != std::string::npos ||
                      (!other.empty() && meant.find(other) != std::string::npos);
    return part ? std::size_t{1} : edit_distance(meant, other);
  };
  std::stable_sort(known.begin(), known.end(), [&](const std::string& a, const std::string& b) {
    return distance(a) < distance(b);
  });
  if (known.size() > kMost) known.resize(kMost);
  std::string list;
  for (const std::string& slug : known) {
    if (distance(slug) > std::max<std::size_t>(2, meant.size() / 3)) break;
    list += (list.empty() ? "\"" : ", \"") + slug + "\"";
  }
  return list;
}

}  // namespace

std::string did_you_mean(const std::string& wanted, const std::vector<std::string>& known) {
  return did_you_mean(std::vector<std::string>{wanted}, known);
}

std::string did_you_mean(const std::vector<std::string>& wanted,
                         const std::vector<std::string>& known) {
  std::string list;
  for (const std::string& name : wanted) {
    const std::string near = near_names(name, known);
    if (near.empty()) continue;
    list += list.empty() ? "" : ", ";
    list += near;
    if (wanted.size() > 1) list.append(" for \"").append(name).append("\"");
  }
  return list.empty() ? "" : " Did you mean " + list + "?";
}

std::string no_such_project(const Config& config, const std::vector<std::string>& known) {
  return "There is no project \"" + config.project + "\" in the organization \"" +
         config.organization + "\", or the token may not see it." +
         did_you_mean(config.project, known) + " Put the project's slug into project.";
}

}  // namespace source_sentry
