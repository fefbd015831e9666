#include "live/doctor/integration.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "base/text.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

std::vector<std::string> texts_of(const Json& row, const char* key) {
  std::vector<std::string> texts;
  const Json* list = member(row, key);
  if (list == nullptr || !list->is_array()) return texts;
  for (const Json& one : *list) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

bool flag_of(const Json& row, const char* key) {
  const Json* value = member(row, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

/// Whether its UI components are for issues.
bool links_issues(const Json& row) {
  const Json* schema = member(row, "schema");
  const Json* elements = schema != nullptr ? member(*schema, "elements") : nullptr;
  if (elements == nullptr || !elements->is_array()) return false;
  return std::any_of(elements->begin(), elements->end(), [](const Json& one) {
    return one.is_object() && text_member(one, "type") == "issue-link";
  });
}

std::string normal_url(const std::string& url) {
  const std::size_t colon = url.find("://");
  if (colon == url.npos) return url;
  const std::string scheme = lower(url.substr(0, colon));
  const std::size_t path = std::min(url.find('/', colon + 3), url.size());
  std::string host = lower(url.substr(colon + 3, path - colon - 3));
  const std::string own_port = scheme == "https" ? ":443" : ":80";
  if (host.ends_with(own_port)) host.resize(host.size() - own_port.size());
  std::string rest = url.substr(path);
  while (rest.ends_with('/')) rest.pop_back();
  return scheme + "://" + host + rest;
}

bool has(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all.append(all.empty() ? "" : ", ").append(text);
  return all;
}

}  // namespace

Integration read_integration(const Json& row) {
  return {.name = text_member(row, "name"),
          .slug = text_member(row, "slug"),
          .webhook_url = text_member(row, "webhookUrl"),
          .events = texts_of(row, "events"),
          .scopes = texts_of(row, "scopes"),
          .is_alertable = flag_of(row, "isAlertable"),
          .is_disabled = flag_of(row, "isDisabled"),
          .has_issue_links = links_issues(row)};
}

bool is_same_url(const std::string& one, const std::string& other) {
  return normal_url(one) == normal_url(other);
}

Diagnosis diagnosis_of(const Integration& of, const std::vector<FailedRequest>& failures,
                       bool with_notion) {
  Diagnosis found;
  if (of.is_disabled) {
    found.wrong.push_back(
        "Sentry has switched its webhooks off, since too many failed. Mend the cause, and save the "
        "integration again.");
  }
  if (of.events.empty()) {
    found.wrong.push_back(
        "It is subscribed to no webhooks. If it was before, Sentry has unsubscribed it because too "
        "many failed. Tick issue and comment in its settings.");
  } else {
    found.well.push_back("It is subscribed to " + joined(of.events) + ".");
    std::vector<std::string> others;
    for (const char* event : {"issue", "comment", "error"}) {
      if (!has(of.events, event)) others.emplace_back(event);
    }
    if (!others.empty()) {
      found.missing.push_back(
          "It is not subscribed to " + joined(others) + ", so nothing comes of these" +
          (has(others, "error") ? "; error has a webhook for each event." : "."));
    }
  }
  if (!has(of.scopes, "event:read")) {
    found.wrong.push_back(
        "It lacks the permission Issue & Event: Read, without which Sentry sends "
        "it no webhooks of issues.");
  }
  if (of.is_alertable) {
    found.well.push_back("Alert rules can use it.");
  } else {
    found.missing.push_back(
        "Alert rules cannot use it, so no alerts come. Tick Alert Rule Action if they shall.");
  }
  if (with_notion && !of.has_issue_links) {
    found.wrong.push_back(
        "Its schema has no issue-link. Paste what \"source-sentry-listen "
        "ui-schema\" prints.");
  }
  if (failures.empty()) {
    found.well.push_back("Sentry's log of its requests shows no failure.");
  } else {
    const FailedRequest& newest = failures.front();
    const auto silent = std::count_if(failures.begin(), failures.end(),
                                      [](const FailedRequest& one) { return one.status == 0; });
    found.wrong.push_back(
        "Sentry's log shows " + number_of(failures.size(), "failed request") + ", " +
        std::to_string(silent) + " of them without an answer in time. The newest: " + newest.event +
        " at " + newest.date + ", " +
        (newest.status == 0 ? "no answer" : "HTTP " + std::to_string(newest.status)) + ".");
  }
  return found;
}

}  // namespace source_sentry
