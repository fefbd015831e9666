#include "sentry/source/findings.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "sentry/stream_groups.h"

namespace source_sentry {
namespace {

using Found = StreamFinding::Kind;

std::string_view word(Found kind) {
  switch (kind) {
    case Found::kReadable:
      return "readable";
    case Found::kForbidden:
      return "forbidden";
    case Found::kUnknown:
      return "unknown";
    case Found::kNoFeature:
      return "not offered by this server";
    case Found::kUntried:
      return "not tried";
    case Found::kFailed:
      break;
  }
  return "failed";
}

/// What the answer means, whatever was asked for.
std::string reason_of(const ConnectorError& error) {
  std::string answer = error.answer();
  return answer.empty() ? error.message() : answer;
}

void add(std::string& list, std::string_view separator, const std::string& one) {
  if (!list.empty()) list += separator;
  list += one;
}

/// What is missing, and what to do about it.
struct Lack {
  std::string what;
  std::string advice;
};

Lack lack_of(const std::vector<StreamFinding>& findings) {
  std::string forbidden;
  std::string not_offered;
  std::string others;
  std::string advice;
  std::set<std::string> reasons;
  for (const StreamFinding& finding : findings) {
    const std::string name(finding.stream);
    switch (finding.kind) {
      case Found::kReadable:
      case Found::kUntried:
        break;
      case Found::kForbidden:
        add(forbidden, ", ",
            name + (finding.scopes.empty() ? "" : " (needs the scope " + finding.scopes + ")"));
        break;
      case Found::kNoFeature:
        add(not_offered, ", ", name);
        break;
      case Found::kUnknown:
      case Found::kFailed:
        add(others, ", ", name);
        // Streams often fail for the same reason.
        if (reasons.insert(reason_of(*finding.error)).second) {
          add(advice, " ", finding.error->message());
        }
        break;
    }
  }
  std::string what;
  if (!forbidden.empty()) {
    add(what, "; ", "the token cannot read " + forbidden);
    add(advice, " ", "Give it those scopes, or leave these streams out.");
  }
  if (!not_offered.empty()) {
    add(what, "; ", "this server does not offer " + not_offered);
    add(advice, " ", "Leave out what it does not offer, or have it switched on there.");
  }
  if (!others.empty()) add(what, "; ", "these failed: " + others);
  return {what, advice};
}

/// What the token can read of a group.
void log_group(std::string_view group, const std::vector<StreamFinding>& findings) {
  const auto count = [&](Found kind) {
    return std::count_if(findings.begin(), findings.end(),
                         [kind](const auto& finding) { return finding.kind == kind; });
  };
  std::string text = std::to_string(count(Found::kReadable)) + " of " +
                     std::to_string(findings.size()) + " streams can be read";
  if (const auto untried = count(Found::kUntried); untried > 0) {
    text += ", " + std::to_string(untried) + " were not tried";
  }
  if (const Lack lack = lack_of(findings); !lack.what.empty()) {
    text.append("; ").append(lack.what).append(". ").append(lack.advice);
  }
  spdlog::info("The group {}: {}", group, text);
}

}  // namespace

std::string explain(const std::vector<StreamFinding>& findings) {
  const Lack lack = lack_of(findings);
  if (lack.what.empty()) return {};
  return "The connection works, but " + lack.what + ". " + lack.advice;
}

std::vector<StreamFinding> judged_of(const std::vector<StreamFinding>& findings) {
  std::vector<StreamFinding> judged;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(judged),
               [](const StreamFinding& finding) {
                 return finding.group == kCoreGroup || finding.group == kConfiguredGroup;
               });
  return judged;
}

std::string mistakes_in(const std::vector<StreamFinding>& findings) {
  std::string mistakes;
  for (const StreamFinding& finding : findings) {
    const bool refused = finding.group == kConfiguredGroup && finding.kind == Found::kFailed &&
                         finding.error->kind() == FailureKind::kConfig;
    if (refused) add(mistakes, " ", finding.error->message());
  }
  return mistakes;
}

void log_findings(const std::vector<StreamFinding>& findings) {
  for (const StreamFinding& finding : findings) {
    spdlog::info("{}: {}{}{}", finding.stream, word(finding.kind), finding.error ? ". " : "",
                 finding.error ? finding.error->message() : "");
  }
  for (const std::string_view group : kStreamGroups) {
    std::vector<StreamFinding> own;
    std::copy_if(findings.begin(), findings.end(), std::back_inserter(own),
                 [&](const StreamFinding& finding) { return finding.group == group; });
    if (group != kCoreGroup && !own.empty()) log_group(group, own);
  }
}

}  // namespace source_sentry
