#include "live/notion/ui_schema.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson select(const char* label, const char* name, const std::string& uri) {
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
  const OrderedJson title = {
      {"type", "text"}, {"label", "Title"}, {"name", "title"}, {"default", "issue.title"}};
  const OrderedJson description = {{"type", "textarea"},
                                   {"label", "Description"},
                                   {"name", "description"},
                                   {"default", "issue.description"}};
  const OrderedJson owner = select("Owner", "owner_id", before + "/users");
  const OrderedJson create = {{"uri", before + "/create"},
                              {"required_fields", OrderedJson::array({title})},
                              {"optional_fields", OrderedJson::array({description, owner})}};
  const OrderedJson link = {
      {"uri", before + "/link"},
      {"required_fields", OrderedJson::array({select("Page", "page_id", before + "/search")})}};
  const OrderedJson element = {{"type", "issue-link"}, {"create", create}, {"link", link}};
  return OrderedJson{{"elements", OrderedJson::array({element})}}.dump(2);
}

}  // namespace source_sentry
