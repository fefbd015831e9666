#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "engine/fetch/route.h"
#include "http/http.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// What an answer means for the request behind it.
struct Verdict {
  enum class Kind {
    kAccept,       ///< the body is what was asked for
    kRetry,        ///< it may be temporary: ask again after a while
    kRateLimited,  ///< ask again once the limit allows
    kRefuse,       ///< asking again does not help
  };

  Kind kind = Kind::kAccept;
  /// How long to wait at least, if the answer says so.
  std::optional<Duration> wait;
  /// Another route to the same data, if there is one, may do better.
  bool other_route_may_help = false;
  /// What to tell the user if this is the end of it; set for all but kAccept.
  std::optional<ConnectorError> error;
  /// The request was too much for the server: a narrower window may do better.
  bool smaller_window_may_help = false;
  /// What was asked for may hold something that the server stumbles over: where it answers for
  /// other data, a narrower window may do better.
  bool data_may_be_bad = false;
  /// It is rather about the server, which may only be busy: that is waited out before the data is
  /// suspected.
  bool server_may_be_busy = false;
  /// It is a refusal that may concern only one row of what was asked for: if the server answers for
  /// what follows, the others can be read.
  bool row_may_be_refused = false;
  /// No answer came in the time allowed, which is minutes.
  bool timed_out = false;
  /// The server has no such route, or its feature is off: no scope or slug would help.
  bool not_offered = false;
  /// Of these it has the route, and not what it was asked for: another question may do better.
  bool of_question = false;
  /// It is not the server's own: something in front of it answered in its place.
  bool before_server = false;
  /// The server does not know the question's parameters: other words may do better.
  bool not_understood = false;
  /// The search finds nothing where there is something: the list without one does better.
  bool in_vain = false;
  /// For people: the scopes, any of which would allow it, if the token lacks one.
  std::string scopes{};
  /// The one of the route's `others` to which the server has moved what was asked for.
  std::string successor{};
};

/// Whether what was listed a moment ago is gone since then, deleted or expired by age: the server
/// itself has such a route, and finds nothing there.
inline bool is_gone(const Verdict& verdict, int status) {
  constexpr int kNotFound = 404;
  return status == kNotFound && !verdict.not_offered && !verdict.before_server;
}

/// What to report of a row that the server refuses while it answers for others: `refusal` would
/// blame the token, or the address.
inline ConnectorError of_refused_row(const ConnectorError& refusal) {
  const std::string answer = refusal.answer();
  return {FailureKind::kSystem,
          "Sentry refuses a part of what it lists" + (answer.empty() ? "" : " (" + answer + ")") +
              ", and answers for what lies beside it. Tell whoever runs the server.",
          refusal.detail()};
}

/// What to tell of an answer of so many bytes that is not what was asked for.
inline std::string of_invalid_answer(const Route& route, const SplitError& error,
                                     std::size_t bytes) {
  return "Sentry's answer for " + route.what + " is not valid: " + error.what + " at byte " +
         std::to_string(error.offset) + " of " + std::to_string(bytes) + ".";
}

/// The API's own rules for answers; the engine knows none.
using Judge = std::function<Verdict(const Response&, const Route&)>;

}  // namespace source_sentry
