#pragma once

#include <map>
#include <string>
#include <string_view>

namespace source_sentry {

/// What Sentry sends when somebody submits a form.
struct UiCall {
  std::string installation_id;
  std::string issue_id;  ///< Sentry's servers send a number or a text
  std::string web_url;   ///< of the issue
  std::map<std::string, std::string> fields;

  /// Empty where it was left out.
  std::string field(const std::string& name) const;
};

/// Throws a FormError where the body is not such a call.
UiCall parse_ui_call(std::string_view body);

/// A parameter of a request's query, decoded; empty where there is none.
std::string query_value(std::string_view query, std::string_view name);

}  // namespace source_sentry
