#include "live/doctor/doctor.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/json_member.h"
#include "base/json_text.h"
#include "base/percent.h"
#include "base/text.h"
#include "engine/run/sample.h"
#include "live/doctor/integration.h"
#include "sentry/limits.h"

namespace source_sentry {
namespace {

/// A page of the list, which few organizations fill.
constexpr std::size_t kMostIntegrations = 100;

constexpr const char* kSteps =
    "To make one: in Sentry open Settings, Developer Settings, Create New Integration, Internal "
    "Integration. Enter the URL as Webhook URL, give it the permission Issue & Event: Read, tick "
    "the "
    "webhooks issue and comment, and save. Give its client secret to the listener.\n";

std::vector<Integration> integrations_of(Source& source, const SyncContext& context) {
  std::vector<Integration> all;
  const StreamJob job = source.job({.name = "sentry_apps", .full_refresh = true});
  for (const std::string& row : sample_of(job, kMostIntegrations, context)) {
    all.push_back(read_integration(parse_json(row)));
  }
  return all;
}

/// The latest failures, the newest first; none where this Sentry keeps no log, or shows it to
/// others only.
std::vector<FailedRequest> failures_of(const Integration& integration, const SyncContext& context) {
  const auto client = context.make_client();
  Fetcher fetcher(*client, context.judge, context.pacer, context.clock, context.stop);
  // Its name of today, and that of before.
  for (const char* list : {"webhook-requests", "requests"}) {
    Route route;
    route.path = "sentry-apps/" + percent_encode(integration.slug) + "/" + list + "/";
    route.control = true;
    route.rate_group = kDefaultGroup;
    route.what = "the requests of the integration " + integration.name;
    Response response;
    const Verdict verdict = fetcher.fetch(route.path + "?errorsOnly=true", route, response,
                                          Fetcher::Patience::of_mere_check());
    const auto rows =
        verdict.kind == Verdict::Kind::kAccept ? parse_json(response.body) : nlohmann::json();
    if (!rows.is_array()) continue;
    std::vector<FailedRequest> failures;
    for (const auto& row : rows) {
      const auto* status = member(row, "responseCode");
      const bool is_number = status != nullptr && status->is_number_integer();
      failures.push_back({.date = without_controls(text_member(row, "date")),
                          .event = without_controls(text_member(row, "eventType")),
                          .status = is_number ? status->get<int>() : 0});
    }
    std::sort(failures.begin(), failures.end(),
              [](const auto& a, const auto& b) { return a.date > b.date; });
    return failures;
  }
  return {};
}

void add(std::string& text, const char* mark, const std::vector<std::string>& sentences) {
  for (const std::string& sentence : sentences) text.append(mark).append(sentence).append("\n");
}

}  // namespace

DoctorReport examine(Source& source, const std::string& public_url, bool with_notion,
                     const SyncContext& context) {
  const std::vector<Integration> all = integrations_of(source, context);
  std::vector<Integration> ours;
  std::vector<Integration> others;
  for (const Integration& one : all) {
    if (one.webhook_url.empty()) continue;
    const bool is_ours = public_url.empty() || is_same_url(one.webhook_url, public_url);
    (is_ours ? ours : others).push_back(one);
  }
  DoctorReport report;
  if (ours.empty()) {
    report.text = public_url.empty() ? "No integration of the organization has a webhook URL.\n"
                                     : "No integration sends its webhooks to " + public_url + ".\n";
    for (const Integration& one : others) {
      report.text += "  " + without_controls(one.name) + " sends them to " +
                     without_controls(one.webhook_url) + "\n";
    }
    report.text += kSteps;
    return report;
  }
  report.is_well = true;
  for (const Integration& one : ours) {
    const Diagnosis found = diagnosis_of(one, failures_of(one, context), with_notion);
    report.text += without_controls(one.name) + " (" + without_controls(one.slug) +
                   ") sends its webhooks to " + without_controls(one.webhook_url) + ".\n";
    add(report.text, "  wrong:   ", found.wrong);
    add(report.text, "  missing: ", found.missing);
    add(report.text, "  well:    ", found.well);
    report.is_well = report.is_well && found.wrong.empty();
  }
  return report;
}

}  // namespace source_sentry
