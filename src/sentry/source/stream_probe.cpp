#include "sentry/source/stream_probe.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <thread>

#include "engine/custom/custom_look.h"
#include "engine/fetch/page_size.h"
#include "engine/plan/route_choice.h"
#include "engine/run/stream_run.h"
#include "json/record_splitter.h"
#include "sentry/stream_groups.h"
#include "sentry/streams/custom/custom_plan.h"
#include "sentry/streams/custom/custom_watch.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

using Found = StreamFinding::Kind;

constexpr std::size_t kMostAtOnce = 8;

/// A check asks 30 times at most; the first few requests find the projects.
constexpr std::size_t kMostQuestions = 26;

/// Whether a connection is judged by the stream.
bool is_judged(const StreamSpec& spec) {
  return spec.group == kCoreGroup || spec.group == kConfiguredGroup;
}

/// The streams that are asked for: those by which a connection is judged, and then those of the
/// chosen groups. No server is asked for received webhooks. Routes that sentry.io does not promise
/// are not asked for there, nor are those for which it writes something.
std::vector<const StreamSpec*> asked_specs(const Config& config, const StreamTable& streams) {
  std::vector<const StreamSpec*> specs;
  for (const StreamSpec& spec : streams) {
    if (is_judged(spec) && spec.webhooks == nullptr) specs.push_back(&spec);
  }
  for (const StreamSpec& spec : streams) {
    const bool unasked = spec.promise != Promise::kPublic && config.on_sentry_io();
    const bool left_out = unasked || spec.webhooks != nullptr;
    if (!is_judged(spec) && is_offered(spec, config) && !left_out) specs.push_back(&spec);
  }
  return specs;
}

/// One thing to ask: ways to the same records, the preferred one first.
struct Question {
  std::vector<Route> routes;
  Instant now;
  StreamFinding answer;
  std::string opened_by{};  ///< the scope that the token must have, since a route answered
  /// If rows only name records: the route of one record.
  std::function<Route(std::string_view)> detail{};
  std::optional<Route> record{};               ///< that of such a row, once it was asked for
  std::shared_ptr<const CustomPlan> custom{};  ///< of a custom stream; null: it is none
  std::shared_ptr<JqWatchdog> watchdog{};      ///< of its expressions; null: nobody looks

  /// What a refusal is about.
  const Route& refused() const { return record ? *record : routes.front(); }

  /// What a read will ask, limited to one row of the last hour: a question without a window may be
  /// answered from another store, and one without the read's parameters hides that the server
  /// refuses them.
  std::string target(const Route& route, Duration back = std::chrono::hours(1)) const {
    const Window window{whole_seconds(now) - back, whole_seconds(now)};
    return route.target(with_page_size(route.query, 1), &window, "");
  }
};

/// The questions of all streams, each once, and which of them each stream depends on.
class Questions {
 public:
  Questions(const Config& config, const StreamTable& streams,
            const std::vector<ProjectFacts>& samples, Instant now, ProjectLookup& lookup,
            const StuckListener& stuck)
      : specs_(asked_specs(config, streams)) {
    const std::vector<std::string> all_fields;
    const ProjectFacts nobody;
    const bool glitchtip = std::any_of(samples.begin(), samples.end(),
                                       [](const ProjectFacts& facts) { return facts.glitchtip; });
    const auto question = [&](const StreamSpec& spec, const ProjectFacts& facts) {
      const StreamScope scope{config, facts, now, lookup, all_fields, nullptr, glitchtip};
      Question asked{routes_of(spec, scope), now, {}};
      if (spec.detail) asked.detail = spec.detail(scope);
      return asked;
    };
    for (const StreamSpec* spec : specs_) {
      std::vector<std::size_t>& own = of_stream_.emplace_back();
      const bool is_core = spec->group == kCoreGroup;
      if (!is_judged(*spec) && all_.size() >= kMostQuestions) continue;
      if (spec->custom) {
        std::vector<StreamScope> scopes;
        const StreamSpec* parents = spec->custom->parents.get();
        const bool by_project = parents != nullptr && parents->per_project();
        const auto scope_of = [&](const ProjectFacts& facts) {
          return StreamScope{config, facts, now, lookup, all_fields, nullptr, glitchtip};
        };
        for (const ProjectFacts& facts : samples) {
          if (by_project) scopes.push_back(scope_of(facts));
        }
        if (!by_project) scopes.push_back(scope_of(nobody));
        Question asked{
            routes_of(*spec, scopes.empty() ? scope_of(nobody) : scopes.front()), now, {}};
        asked.custom = custom_plan(*spec->custom, config, scopes);
        asked.watchdog = watchdog_of(*spec, stuck);
        own.push_back(add(std::move(asked)));
        continue;
      }
      if (!spec->per_project()) own.push_back(add(question(*spec, nobody)));
      for (const ProjectFacts& facts : samples) {
        if (spec->per_project()) own.push_back(add(question(*spec, facts)));
        if (spec->by_detail) own.push_back(add({{project_route(config, facts.slug)}, now, {}}));
        // The core streams have shown whether the token may read every project.
        if (!is_core) break;
      }
    }
  }

  const std::vector<const StreamSpec*>& specs() const { return specs_; }

  std::vector<Question>& all() { return all_; }

  /// The result of each stream's questions: the first that was not answered well. One without any
  /// was not tried.
  std::vector<StreamFinding> findings() const {
    std::vector<StreamFinding> found;
    for (std::size_t i = 0; i < of_stream_.size(); ++i) {
      StreamFinding finding;
      if (of_stream_[i].empty()) finding.kind = Found::kUntried;
      for (const std::size_t question : of_stream_[i]) {
        if (finding.kind == Found::kReadable) finding = all_[question].answer;
      }
      finding.stream = specs_[i]->name;
      finding.group = specs_[i]->group;
      found.push_back(std::move(finding));
    }
    return found;
  }

 private:
  std::size_t add(Question question) {
    const std::string target = question.target(question.routes.front());
    const auto stream_of = [](const Question& of) {
      return of.custom ? of.custom->streams.back().get() : nullptr;
    };
    const auto known = std::find_if(all_.begin(), all_.end(), [&](const Question& other) {
      if (stream_of(other) != nullptr || stream_of(question) != nullptr) {
        return stream_of(other) == stream_of(question);
      }
      return other.target(other.routes.front()) == target;
    });
    if (known != all_.end()) return static_cast<std::size_t>(known - all_.begin());
    all_.push_back(std::move(question));
    return all_.size() - 1;
  }

  const std::vector<const StreamSpec*> specs_;
  std::vector<Question> all_;
  std::vector<std::vector<std::size_t>> of_stream_;  // in their order
};

}  // namespace

StreamFinding finding_of(const Verdict& verdict, const Response& response) {
  StreamFinding finding;
  if (verdict.kind == Verdict::Kind::kAccept) return finding;
  finding.kind = Found::kFailed;
  finding.error = verdict.error;
  if (verdict.not_offered) {
    finding.kind = Found::kNoFeature;
  } else if (verdict.before_server) {
    // Neither a scope nor a different name would help.
  } else if (response.status == 403) {
    finding.kind = Found::kForbidden;
    finding.scopes = verdict.scopes;
  } else if (response.status == 404) {
    finding.kind = Found::kUnknown;
  }
  return finding;
}

namespace {

/// The id in the first row of a list; empty where there is none.
std::string first_id(const Response& response, const Route& route) {
  RecordSplitter splitter(std::string("id"), "");
  RecordPage page;
  if (splitter.split_list(response.body, route.list_key, page)) return {};
  return page.records.empty() ? std::string() : std::string(page.records.front().id);
}

/// What is wrong with the records that `response` names; nothing where they can be read, or where
/// there is none.
std::optional<StreamFinding> ask_for_record(Question& question, const Route& route,
                                            Response& response, Fetcher& fetcher) {
  std::string id = first_id(response, route);
  if (id.empty()) {
    // A quiet project may have had no records for an hour.
    constexpr std::chrono::days kBack(30);
    const Verdict verdict =
        fetcher.fetch(question.target(route, kBack), route, response, kCheckPatience);
    if (verdict.kind != Verdict::Kind::kAccept) return std::nullopt;
    id = first_id(response, route);
  }
  if (id.empty()) return std::nullopt;
  const Route& record = question.record.emplace(question.detail(id));
  const Verdict verdict = fetcher.fetch(record.path, record, response, kCheckPatience);
  if (verdict.kind == Verdict::Kind::kAccept) return std::nullopt;
  if (is_gone(verdict, response.status)) return std::nullopt;
  return finding_of(verdict, response);
}

void ask(Question& question, Fetcher& fetcher) {
  if (question.custom) {
    const auto refusal = look_at_custom(*question.custom, question.now, fetcher, kCheckPatience,
                                        question.watchdog ? question.watchdog->watch() : nullptr);
    if (refusal) question.answer = finding_of(refusal->verdict, refusal->response);
    return;
  }
  Response response;
  std::vector<ConnectorError> refusals;
  bool not_understood = false;
  for (const Route& route : question.routes) {
    if (route.in_other_words ? !not_understood : route.unsearched) continue;
    const Verdict verdict = fetcher.fetch(question.target(route), route, response, kCheckPatience);
    not_understood = not_understood || verdict.not_understood;
    const StreamFinding finding = finding_of(verdict, response);
    const bool first = &route == &question.routes.front();
    // Of several refusals, the preferred route's says most.
    if (first || finding.kind == Found::kReadable) question.answer = finding;
    if (finding.error && verdict.other_route_may_help) {
      refusals.push_back(*finding.error);
      question.answer.error = of_all_ways(refusals);
    }
    if (finding.kind == Found::kReadable) {
      question.opened_by = route.scopes;
      if (!route.names_only) return;
      if (auto wrong = ask_for_record(question, route, response, fetcher)) {
        question.answer = *std::move(wrong);
      }
      return;
    }
    if (!verdict.other_route_may_help) return;
  }
}

void note_failure(Question& question, const std::exception& error) {
  question.answer.kind = Found::kFailed;
  try {
    question.answer.error = failure_of(question.refused().what, error);
  } catch (const std::exception&) {
    question.answer.error =
        ConnectorError(FailureKind::kSystem, "Not enough memory.");  // takes no memory
  }
}

/// A scope proven by what the token may read is not missing, unless the server says so.
void correct_scopes(std::vector<Question>& questions) {
  std::set<std::string> held;
  for (const Question& question : questions) held.insert(question.opened_by);
  for (Question& question : questions) {
    const Route& route = question.refused();
    StreamFinding& answer = question.answer;
    const bool is_ours = answer.scopes.starts_with(route.scopes);
    if (answer.kind != Found::kForbidden || !is_ours || !held.contains(route.scopes)) continue;
    answer.scopes = route.scopes_of_glitchtip;
    answer.error = ConnectorError(
        FailureKind::kConfig,
        "The token may not read " + route.what + ", though it has the scope " + route.scopes +
            ". Give its owner access to them" +
            (answer.scopes.empty() ? "." : ", or the token the scope " + answer.scopes + "."),
        answer.error->detail());
  }
}

}  // namespace

std::vector<StreamFinding> probe_streams(const Config& config, const StreamTable& streams,
                                         const std::vector<ProjectFacts>& samples, Instant now,
                                         const ProbeContext& context,
                                         const std::optional<StreamFinding>& of_no_project) {
  ProjectLookup lookup(config, context.clock);
  Questions questions(config, streams, samples, now, lookup, context.stuck);
  {
    std::atomic<std::size_t> next = 0;
    const auto work = [&]() noexcept {
      std::unique_ptr<HttpClient> client;
      for (std::size_t mine; (mine = next++) < questions.all().size();) {
        Question& question = questions.all()[mine];
        try {
          if (!client) client = context.make_client();
          Fetcher fetcher(*client, context.judge, context.pacer, context.clock, context.stop);
          ask(question, fetcher);
        } catch (const Stopped&) {
          return;
        } catch (const std::exception& error) {
          note_failure(question, error);
        }
      }
    };
    std::vector<std::jthread> threads;
    const std::size_t wanted = std::min(questions.all().size(), kMostAtOnce);
    try {
      while (threads.size() < wanted) threads.emplace_back(work);
    } catch (const std::exception&) {
      // A limit of processes or memory leaves fewer threads, or none.
    }
    if (threads.size() < wanted) work();
  }
  if (context.stop.stop_requested()) throw Stopped();
  correct_scopes(questions.all());
  std::vector<StreamFinding> findings = questions.findings();
  for (std::size_t i = 0; of_no_project && i < findings.size(); ++i) {
    const StreamSpec& spec = *questions.specs()[i];
    if (!spec.per_project()) continue;
    findings[i] = *of_no_project;
    findings[i].stream = spec.name;
    findings[i].group = spec.group;
  }
  log_findings(findings);
  return findings;
}

}  // namespace source_sentry
