#include "sandbox/server/dispatcher.h"

#include <algorithm>
#include <cmath>

#include "base/percent.h"
#include "sandbox/api/glitchtip.h"
#include "sandbox/api/shelf_list.h"
#include "sandbox/server/gzip.h"

namespace sandbox {
namespace {

using std::string_view;

constexpr string_view kApi = "/api/0";
constexpr string_view kControl = "/_sandbox/";

bool is_read(string_view method) { return method == "GET" || method == "HEAD"; }

/// Each part of a path encoded anew, the slashes between them not.
std::string encode_path(string_view path) {
  std::string out;
  while (true) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    out += source_sentry::percent_encode(percent_decode(path.substr(0, slash), false));
    if (slash == path.size()) return out;
    out += '/';
    path.remove_prefix(slash + 1);
  }
}

/// Who the limits count: a user by the user, an integration by its organization, others by address.
std::string identity_of(const Caller& caller, const std::string& address) {
  return caller.identity == IdentityKind::kIp ? address : "1";
}

/// What does not exist is 404, but GlitchTip's lists of it are empty.
Answer missing(const RouteSpec& route, const Quirks& quirks) {
  const bool is_list = route.page.paginator != Paginator::kNone;
  if (!is_list || !quirks.has(Quirk::kGlitchtip)) return no_such_resource();
  return {200, "[]", "application/json", {}, {}};
}

/// A project that is not there: 302 to its present slug if it once had this one
/// (sentry-api.md 1.4).
Answer moved_or_missing(const Call& call, const std::string& slug) {
  const auto present = call.world.renamed_to(call.organization, slug);
  if (!present || !call.world.find_project(call.organization, *present)) return no_such_resource();
  std::string url(call.target);
  const std::string part = "/" + source_sentry::percent_encode(slug) + "/";
  const std::size_t at = url.find(part, url.find("/projects/") + 10);
  if (at == std::string::npos) return no_such_resource();
  url.replace(at, part.size(), "/" + source_sentry::percent_encode(*present) + "/");
  Answer answer;
  answer.status = 302;
  JsonWriter json(answer.body);
  json.begin_object();
  json.text("slug", *present);
  json.raw(R"("detail":{"code":"resource-moved","message":"Resource has been moved","extra":{)");
  json.text("url", url);
  json.text("slug", *present);
  answer.body += "}}}";
  answer.headers.emplace_back("Location", url);
  return answer;
}

bool in_brownout(Instant now) {
  const auto time = now - std::chrono::floor<std::chrono::days>(now);
  return time >= std::chrono::hours(12) && time < std::chrono::hours(12) + std::chrono::minutes(1);
}

}  // namespace

struct Dispatcher::Request {
  const Incoming& in;
  string_view path;  // below /api/0, as it was sent
  QueryString query;
  Instant now;
  Caller caller;
  std::optional<RouteMatch> match;
  std::shared_ptr<void> lease;
};

Outgoing Dispatcher::dispatch(const Incoming& in, const std::stop_token& stop) {
  const string_view target = in.target;
  const std::size_t question = std::min(target.find('?'), target.size());
  string_view path = target.substr(0, question);
  const string_view query = target.substr(std::min(question + 1, target.size()));
  const bool prefixed = path.starts_with(behaviour_.prefix + "/");
  const string_view inside = prefixed ? path.substr(behaviour_.prefix.size()) : path;
  // Control routes answer with and without the prefix: tests need not know about it.
  for (const string_view candidate : {path, inside}) {
    if (!candidate.starts_with(kControl)) continue;
    return finish(control_.answer(in.method, candidate.substr(kControl.size()), query, in.body), in,
                  {});
  }
  if (prefixed && inside.starts_with(std::string(kApi) + "/")) {
    return dispatch_api(in, inside.substr(kApi.size()), query, stop);
  }
  // Not the API, which is nothing a client of it should ask for: the log shows who does.
  const bool login = inside == "/" || inside.starts_with("/auth/login/");
  Outgoing out = finish(login && prefixed ? login_page() : nothing_here(), in, {});
  log_.add(
      {in.method, in.target, out.status, "none", clock_.now(), in.accept_encoding, in.user_agent});
  return out;
}

Outgoing Dispatcher::dispatch_api(const Incoming& in, string_view path, string_view query,
                                  const std::stop_token& stop) {
  Request request{in, path, QueryString(query), clock_.now(), identify(in.authorization), {}, {}};
  request.match = match_route(request.path);
  std::optional<Answer> real;
  const Stroke stroke = faults_.match(in.target, [&](const std::string& text) {
    if (!real) real = real_answer(request);
    return real->body.find(text) != std::string::npos;
  });
  const std::optional<Fault>& fault = stroke.fault;
  if (fault && fault->endless) {
    request.query = QueryString(request.query.encoded_without("cursor"));
    real.reset();
  }
  Answer answer = fault && fault->replaces_answer() ? faulty_answer(*fault, request)
                  : real                            ? std::move(*real)
                                                    : real_answer(request);
  const int delay = behaviour_.latency_ms + (fault ? fault->delay_ms : 0);
  sleep_for(std::chrono::milliseconds(delay), stop);
  if (fault) falsify(*fault, answer, request);
  add_link(answer, request);
  Outgoing out = finish(std::move(answer), in, fault);
  if (request.lease || !stroke.leases.empty()) {
    out.lease = std::make_shared<std::pair<std::shared_ptr<void>, decltype(stroke.leases)>>(
        std::move(request.lease), stroke.leases);
  }
  log_.add({in.method, in.target, out.close_before ? 0 : out.status, request.caller.token_kind,
            request.now, in.accept_encoding, in.user_agent});
  return out;
}

Answer Dispatcher::real_answer(Request& request) {
  if (behaviour_.settings.quirks.has(Quirk::kGlitchtip)) {  // which counts nobody's requests
    Answer answer = request.match ? routed_answer(request) : nothing_here();
    reword_as_glitchtip(answer);
    return answer;
  }
  if (!request.match) return nothing_here();
  if (!limiter_.enforced()) return routed_answer(request);
  // Limits come before all else, so refused tokens count as well, by address.
  Verdict verdict =
      limiter_.check(request.match->route->rate_group, request.caller,
                     identity_of(request.caller, request.in.remote_addr), request.now);
  request.lease = std::move(verdict.lease);
  Answer answer = verdict.limited ? gateway_refusal(verdict) : routed_answer(request);
  for (auto& header : rate_headers(verdict)) answer.headers.push_back(std::move(header));
  return answer;
}

Answer Dispatcher::routed_answer(Request& request) {
  const RouteSpec& route = *request.match->route;
  const Quirks& quirks = behaviour_.settings.quirks;
  if (route.absent_with && quirks.has(*route.absent_with)) return nothing_here();
  const bool glitchtip = quirks.has(Quirk::kGlitchtip);
  if (glitchtip && glitchtip_lacks(route)) return nothing_here();
  const auto scopes = glitchtip ? glitchtip_scopes(route) : route.scopes;
  // Routes without scopes need no token, but a wrong one is wrong there too.
  const bool open = scopes.empty();
  const bool anonymous = request.caller.token_kind == "none";
  if (needs_user(route) && request.caller.token_kind == "org") return {401, "", "", {}, {}};
  if (request.caller.refusal && !(open && anonymous)) return *request.caller.refusal;
  if (!open && !request.caller.has_any(scopes)) {
    return quirks.has(Quirk::kOldErrors) ? forbidden() : insufficient_scope(scopes);
  }
  if (!is_read(request.in.method)) {
    Answer answer = detail_answer(405, "Method \"" + request.in.method + "\" not allowed.");
    answer.headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
    return answer;
  }
  Answer answer = world_.read([&](const World& world) -> Answer {
    Call call{route,
              behaviour_.settings,
              world,
              request.caller,
              request.now,
              request.query,
              request.in.target,
              0,
              0,
              request.match->item,
              request.match->key};
    try {
      if (!request.match->organization.empty()) {
        const auto organization = world.find_organization(request.match->organization);
        if (!organization) return missing(route, quirks);
        call.organization = *organization;
      }
      if (!request.match->project.empty()) {
        const auto project = world.find_project(call.organization, request.match->project);
        // It knows slugs only.
        const bool named = project && world.project(*project).slug == request.match->project;
        if (glitchtip && !named) return missing(route, quirks);
        if (!project) return moved_or_missing(call, request.match->project);
        call.project = *project;
      }
      return route.handler(call);
    } catch (const Refusal& refusal) {
      return refusal.answer();
    }
  });
  if (route.deprecation) {
    if (quirks.has(Quirk::kBrownouts) && in_brownout(request.now)) {
      answer = {410, R"({"message":"This API no longer exists."})", "application/json", {}, {}};
    }
    answer.headers.emplace_back("X-Sentry-Deprecation-Date", route.deprecation->date);
    answer.headers.emplace_back("X-Sentry-Replacement-Endpoint", route.deprecation->replacement);
  }
  return answer;
}

Answer Dispatcher::faulty_answer(const Fault& fault, const Request& request) const {
  if (fault.html) return login_page();
  if (fault.status) return {*fault.status, fault.body, fault.content_type, fault.headers, {}};
  const string_view group = request.match ? request.match->route->rate_group : "default";
  Verdict verdict;
  verdict.limited = true;
  verdict.limit = limiter_.limit_of(group, request.caller.identity);
  const double seconds = std::ceil(fault.rate_limited.value_or(1));
  verdict.reset = to_second(request.now) + static_cast<Second>(std::max(0.0, seconds));
  verdict.concurrent_remaining = verdict.limit.concurrent;
  Answer answer;
  switch (fault.shape) {
    case RefusalShape::kGateway:
      answer = gateway_refusal(verdict);
      answer.headers = rate_headers(verdict);
      break;
    case RefusalShape::kQuery:
      answer = detail_answer(429,
                             "Rate limit exceeded. Please try your query with a smaller date range "
                             "or fewer projects.");
      break;
    case RefusalShape::kOld:
      answer =
          detail_answer(429, "You are attempting to use this endpoint too quickly. Limit is 3/1s");
      break;
    case RefusalShape::kGlitchtip:
      answer = {429, R"({"message":"Please retry later"})", "application/json", {}, {}};
      answer.headers.emplace_back("Retry-After", std::to_string(static_cast<int>(seconds)));
      break;
  }
  for (const auto& [name, value] : fault.headers) set_header(answer.headers, name, value);
  return answer;
}

/// Changes what is true in the way that a fault says.
void Dispatcher::falsify(const Fault& fault, Answer& answer, const Request& request) {
  if (fault.repeat_cursor && answer.links) {
    answer.links->next = parse_cursor(request.query.get("cursor").value_or("")).value_or(Cursor{});
    answer.links->has_next = true;
  }
  if (fault.endless && answer.links) {
    answer.links->next = {fault.hits, 0, false};
    answer.links->has_next = true;
  }
  if (!fault.row.empty() && answer.status == 200 && answer.body.starts_with('[')) {
    answer.body.insert(1, answer.body == "[]" ? fault.row : fault.row + ",");
  }
  const bool document = request.match && request.match->route->page.paginator == Paginator::kNone;
  if (!fault.body_of_last || !document || answer.status != 200) return;
  const std::lock_guard lock(last_mutex_);
  std::string& last = last_[request.match->route];
  if (last.empty()) {
    last = answer.body;
  } else {
    last.swap(answer.body);
  }
}

void Dispatcher::add_link(Answer& answer, const Request& request) const {
  if (!answer.links || behaviour_.settings.quirks.has(Quirk::kNoLink)) return;
  const std::string url =
      behaviour_.settings.addresses.public_url + std::string(kApi) + encode_path(request.path);
  const std::string query = request.query.encoded_without("cursor");
  const Quirks& quirks = behaviour_.settings.quirks;
  answer.headers.emplace_back(
      "Link", quirks.has(Quirk::kGlitchtip)
                  ? glitchtip_link(url, query, *answer.links, quirks.has(Quirk::kGlitchtipLink))
                  : link_header(url, query, *answer.links));
}

Outgoing Dispatcher::finish(Answer answer, const Incoming& in,
                            const std::optional<Fault>& fault) const {
  const bool compressible = behaviour_.gzip && accepts_gzip(in.accept_encoding);
  return put_on_wire(std::move(answer), clock_.now(), compressible, fault);
}

}  // namespace sandbox
