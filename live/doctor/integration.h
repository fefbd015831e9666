#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace source_sentry {

/// What Sentry says of an integration that may send us webhooks. Plain data.
struct Integration {
  std::string name;
  std::string slug;
  std::string webhook_url;
  std::vector<std::string> events;  ///< resources that it gets webhooks of
  std::vector<std::string> scopes;
  bool is_alertable = false;
  bool is_disabled = false;
  bool has_issue_links = false;  ///< its schema has UI components for them
};

/// Reads a row of Sentry's list of integrations.
Integration read_integration(const nlohmann::json& row);

/// Whether two webhook URLs are one: the case of scheme and host, the scheme's own port and a slash
/// at the end mean nothing.
bool is_same_url(const std::string& one, const std::string& other);

/// One failed attempt of Sentry's to send a webhook.
struct FailedRequest {
  std::string date;
  std::string event;
  int status = 0;  ///< 0: no answer came in time
};

/// What there is to say of the integration, a sentence each: first what is wrong, then what is as
/// it should be. `failures`: the latest ones, the newest first.
struct Diagnosis {
  std::vector<std::string> wrong;
  std::vector<std::string> missing;  ///< which may be on purpose
  std::vector<std::string> well;
};
Diagnosis diagnosis_of(const Integration& integration, const std::vector<FailedRequest>& failures,
                       bool with_notion);

}  // namespace source_sentry
