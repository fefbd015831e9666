#include "live/notion/ui_schema.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace source_sentry {
namespace {

using Json = nlohmann::ordered_json;

Json select(const char* label, const char* name, const std::string& uri) {
  return {{"type", "select"}, {"label", label}, {"name", name}, {"uri", uri}, {"async", true}};
}

bool is_plain(char c) {
  return is_letter_or_digit(c) || c == '/' || c == '-' || c == '_' || c == '.';
}

}  // namespace

std::string path_prefix(const std::string& text) {
  std::string prefix = text;
  if (prefix.ends_with('/')) prefix.pop_back();
  if (prefix.empty()) return prefix;
  // Sentry takes neither "//" nor "@", and a path that needs no encoding is the same everywhere.
  if (!prefix.starts_with('/') || prefix.find("//") != prefix.npos ||
      !std::all_of(prefix.begin(), prefix.end(), is_plain)) {
    throw ConnectorError(
        FailureKind::kConfig,
        "The prefix must be a path of letters, digits, \"-\", \"_\" and \".\" that "
        "begins with \"/\", such as /notion.");
  }
  return prefix;
}

std::string ui_schema(const std::string& prefix) {
  const std::string before = path_prefix(prefix);
  const Json title = {
      {"type", "text"}, {"label", "Title"}, {"name", "title"}, {"default", "issue.title"}};
  const Json description = {{"type", "textarea"},
                            {"label", "Description"},
                            {"name", "description"},
                            {"default", "issue.description"}};
  const Json owner = select("Owner", "owner_id", before + "/users");
  const Json create = {{"uri", before + "/create"},
                       {"required_fields", Json::array({title})},
                       {"optional_fields", Json::array({description, owner})}};
  const Json link = {
      {"uri", before + "/link"},
      {"required_fields", Json::array({select("Page", "page_id", before + "/search")})}};
  const Json element = {{"type", "issue-link"}, {"create", create}, {"link", link}};
  return Json{{"elements", Json::array({element})}}.dump(2);
}

}  // namespace source_sentry
