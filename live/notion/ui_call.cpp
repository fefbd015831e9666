#include "live/notion/ui_call.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "base/json_text.h"
#include "base/percent.h"
#include "base/text.h"
#include "live/notion/api/form_error.h"
#include "live/server/status.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// A text, or a number as text; empty for all else.
std::string plain_text(const Json* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->is_number_integer() ? value->dump() : "";
}

void add_fields(const Json& object, std::map<std::string, std::string>& fields) {
  for (const auto& [name, value] : object.items()) {
    if (std::string text = plain_text(&value); !text.empty()) fields[name] = std::move(text);
  }
}

}  // namespace

std::string UiCall::field(const std::string& name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

UiCall parse_ui_call(std::string_view body) {
  const Json document = parse_json(body);
  if (!document.is_object()) throw FormError(status::kBadRequest, "The call is not a JSON object.");
  UiCall call{plain_text(member(document, "installationId")),
              plain_text(member(document, "issueId")),
              plain_text(member(document, "webUrl")),
              {}};
  const Json* fields = member(document, "fields");
  if (fields == nullptr || !fields->is_object()) {
    throw FormError(status::kBadRequest, "The call has no \"fields\".");
  }
  add_fields(*fields, call.fields);
  // Old servers put the form into another one where the client calls it so.
  const Json* inner = member(*fields, "fields");
  if (inner != nullptr && inner->is_object()) add_fields(*inner, call.fields);
  if (call.issue_id.empty()) throw FormError(status::kBadRequest, "The call has no \"issueId\".");
  if (call.web_url.empty()) throw FormError(status::kBadRequest, "The call has no \"webUrl\".");
  return call;
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (percent_decode(pair.substr(0, equals)) != name) continue;
    std::string value(pair.substr(std::min(equals + 1, pair.size())));
    std::replace(value.begin(), value.end(), '+', ' ');
    return percent_decode(value);
  }
  return {};
}

}  // namespace source_sentry
