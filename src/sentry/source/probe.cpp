#include "sentry/source/probe.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "sentry/answers/error_body.h"
#include "sentry/limits.h"
#include "sentry/projects/missing_organization.h"
#include "sentry/projects/near_names.h"
#include "sentry/projects/project_list.h"
#include "sentry/projects/project_lookup.h"
#include "sentry/projects/project_selection.h"
#include "sentry/source/stream_probe.h"

namespace source_sentry {
namespace {

class Probe {
 public:
  Probe(const Config& config, const StreamTable& streams, const ProbeContext& context)
      : config_(config),
        streams_(streams),
        context_(context),
        client_(context.make_client()),
        fetcher_(*client_, context.judge, context.pacer, context.clock, context.stop),
        lookup_(config, context.clock) {}

  ProbeResult run() {
    ProbeResult result = config_.single_project() ? probe_project() : probe_projects();
    // CI tokens can read releases and nothing else, which is hardly why a person connects.
    if (refused_ && config_.auth_token.starts_with("sntrys_")) {
      const std::string why =
          "Organization tokens (sntrys_...) are made for CI and cannot read events or issues. Use "
          "the token of an internal integration or a personal token.";
      if (!result.succeeded) return failed(why);
      result.message += " " + why;
    }
    return result;
  }

 private:
  ProbeResult probe_project() {
    ProjectFacts facts;
    facts.slug = config_.project;
    Route route = project_route(config_, facts.slug);
    Verdict verdict = ask(route, route.path);
    if (const std::string moved = moved_to_slug(response_); !moved.empty()) {
      facts.slug = moved;
      note_ = "The project was renamed to \"" + moved + "\"; put that into project. ";
      route = project_route(config_, facts.slug);
      verdict = ask(route, route.path);
    }
    if (verdict.kind == Verdict::Kind::kAccept) {
      const auto project = read_project(response_.body);
      if (!project) return failed(no_api());
      facts.id = project->id;
    } else if (response_.status == 404) {
      return failed(error_detail(response_).empty() ? no_api() : unknown_project(verdict));
    } else if (response_.status != 403 && response_.status < 500) {
      return failed(verdict);
    }
    if (!belongs_to(config_.shard, facts.id)) return no_work();
    projects_ = {facts.slug};
    return judge_streams({facts}, fetcher_.server_time().value_or(context_.clock.now()));
  }

  /// Many projects: their list must exist and hold those configured by name. A few of them
  /// represent all when the streams are tried.
  ProbeResult probe_projects() {
    Verdict verdict;
    for (const Route& list : project_list_routes(config_)) {
      verdict = ask(list, list.target(list.probe_query, nullptr, ""));
      if (!verdict.not_offered) break;  // an old server may have only the older route
    }
    if (verdict.kind != Verdict::Kind::kAccept && response_.status == 404) {
      return failed(error_detail(response_).empty() ? no_api() : unknown_project(verdict));
    }
    Selection selection;
    try {
      selection = lookup_.selection(fetcher_);
    } catch (const ConnectorError& error) {
      refused_ = response_.status == 401 && !verdict.before_server;
      return {false, error.message(), error.kind() == FailureKind::kTransient};
    }
    if (!selection.missing.empty()) return failed(selection.of_missing);
    for (const ProjectFacts& facts : selection.projects) {
      if (facts.configured.empty()) continue;
      note_ += "The project \"" + facts.configured + "\" was renamed to \"" + facts.slug +
               "\"; use that name in the configuration. ";
    }
    if (selection.projects.empty() && selection.list_failed && selection.gap) {
      // What is not read project by project may still be readable.
      StreamFinding unknown = finding_of(verdict, response_);
      if (unknown.kind == StreamFinding::Kind::kReadable)
        unknown.kind = StreamFinding::Kind::kFailed;
      unknown.error = selection.gap;
      return judge_streams({}, selection.now, unknown);
    }
    if (selection.projects.empty() && selection.gap) {
      const bool passes = selection.gap->kind() == FailureKind::kTransient;
      return {false, selection.gap->message(), passes};
    }
    if (selection.gap) note_ += selection.gap->message() + " ";
    if (selection.projects.empty()) return no_work();
    for (const ProjectFacts& facts : selection.projects) projects_.push_back(facts.slug);
    return judge_streams(some_of(selection.projects), selection.now);
  }

  Verdict ask(const Route& route, const std::string& target) {
    return fetcher_.fetch(target, route, response_, kCheckPatience);
  }

  static ProbeResult no_work() { return {true, "This shard has no project to read.", false}; }

  static ProbeResult failed(const std::string& message) { return {false, message, false}; }

  static ProbeResult failed(const Verdict& verdict) {
    return {false, verdict.error->message(), verdict.error->kind() == FailureKind::kTransient};
  }

  std::string no_api() const {
    return "The server at " + config_.host.text() +
           " is not a Sentry, or its API is elsewhere. Check hostname, with the path if your "
           "Sentry is below one.";
  }

  /// Sentry does not say whether it is the organization or the project that it cannot find.
  std::string unknown_project(const Verdict& verdict) {
    ProjectList found(config_.organization);
    try {
      list_projects(config_, fetcher_, found);
    } catch (const ConnectorError&) {
      // The organization itself may answer.
    }
    const auto wrong = found.names.empty() ? no_such_organization(config_, fetcher_) : std::nullopt;
    if (wrong) return wrong->message();
    if (config_.project.empty()) return verdict.error->message();
    return no_such_project(config_, {found.names.begin(), found.names.end()});
  }

  static std::vector<ProjectFacts> some_of(const std::vector<ProjectFacts>& projects) {
    constexpr std::size_t kMost = 3;
    if (projects.size() <= kMost) return projects;
    return {projects.front(), projects[projects.size() / 2], projects.back()};
  }

  ProbeResult judge_streams(const std::vector<ProjectFacts>& samples, Instant now,
                            const std::optional<StreamFinding>& of_no_project = {}) {
    const auto findings =
        judged_of(probe_streams(config_, streams_, samples, now, context_, of_no_project));
    const std::string mistakes = mistakes_in(findings);
    if (!mistakes.empty()) return failed(mistakes);
    const auto is = [](StreamFinding::Kind kind) {
      return [kind](const StreamFinding& finding) { return finding.kind == kind; };
    };
    refused_ = std::any_of(findings.begin(), findings.end(), is(StreamFinding::Kind::kForbidden));
    if (config_.start_date && *config_.start_date > now) {
      note_ += "start_date is in the future (" + format_instant(*config_.start_date) +
               "): events, issues and releases stay empty until then. Set an earlier one. ";
    }
    const auto readable =
        std::count_if(findings.begin(), findings.end(), is(StreamFinding::Kind::kReadable));
    if (readable > 0) {
      // What cannot be read comes first.
      return {.succeeded = true,
              .message = std::string(trim(explain(findings) + " " + note_)),
              .readable = static_cast<std::size_t>(readable),
              .streams = findings.size(),
              .projects = projects_};
    }
    const auto first = std::find_if(findings.begin(), findings.end(),
                                    [](const auto& finding) { return finding.error.has_value(); });
    return {false, first->error->message(), first->error->kind() == FailureKind::kTransient};
  }

  const Config& config_;
  const StreamTable& streams_;
  const ProbeContext& context_;
  const std::unique_ptr<HttpClient> client_;
  Fetcher fetcher_;
  ProjectLookup lookup_;
  Response response_;
  std::string note_;
  std::vector<std::string> projects_;  // that will be read
  bool refused_ = false;               // the token may not read what it should
};

}  // namespace

std::string sentence_of(const ProbeResult& result) {
  constexpr std::size_t kMostNamed = 10;
  std::string text = result.readable == result.streams
                         ? "Can read all " + std::to_string(result.streams)
                         : "Can read " + std::to_string(result.readable) + " of the " +
                               std::to_string(result.streams);
  text += " streams";
  const std::size_t projects = result.projects.size();
  if (projects == 0) return text + ".";
  text += " of " + number_of(projects, "project") + ": ";
  for (std::size_t i = 0; i < std::min(projects, kMostNamed); ++i) {
    text.append(i == 0 ? "" : ", ").append(result.projects[i]);
  }
  if (projects > kMostNamed) text += " and " + std::to_string(projects - kMostNamed) + " more";
  return text + ".";
}

ProbeResult probe(const Config& config, const StreamTable& streams, const ProbeContext& context) {
  try {
    return Probe(config, streams, context).run();
  } catch (const Stopped&) {
    return {false, "The check was stopped.", true};
  }
}

}  // namespace source_sentry
