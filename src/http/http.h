#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace source_sentry {

/// One request, a GET unless it says otherwise. The server and the credentials are the client's: a
/// target cannot leave them.
struct Request {
  std::string
      target;  ///< path and query, percent-encoded, below the server's base: "projects/a/b/"
  std::size_t largest = 0;  ///< bytes that the answer may have; 0: as many as any
  Duration longest{};       ///< how long it may stall; zero: as long as any
  bool control = false;     ///< below the base of the control host, see ConnectionOptions
  /// Lines of its own, "Name: value"; one that the client would send itself takes its place.
  std::vector<std::string> headers{};
  std::string method{};  ///< "POST" or "PATCH", which have a body; empty: GET
  std::string body{};    ///< its Content-Type is one of `headers`
  /// It goes over a connection of its own. On an open one libcurl would send a request again whose
  /// connection the server closes, which might do twice what is wanted once.
  bool once = false;
  Duration whole{};  ///< how long it may take in all; zero: as long as it likes
};

/// The lines of `own`, see Request, and those of `usual` that none of them takes the place of.
std::vector<std::string> with_own_headers(const std::vector<std::string>& usual,
                                          std::vector<std::string> own);

/// Why no usable answer came at all.
enum class TransportProblem {
  kNone,
  kDnsFailure,
  kConnectFailure,   ///< refused, unreachable, or no answer within the connect timeout
  kTlsFailure,       ///< certificate or handshake
  kProxyFailure,     ///< the proxy on the way: unreachable, or it refuses; with its status
  kProxyTlsFailure,  ///< certificate or handshake of the proxy
  kTimeout,          ///< connected, but no bytes for too long
  kBroken,           ///< reset, closed or garbled in the middle of the answer
  kUnknownCoding,    ///< a body packed in a way that we did not ask for
  kTooLarge,         ///< a body larger than we are willing to hold
  kOutOfMemory,      ///< there was no memory for it
  kLocalFailure,     ///< this machine opens no connection: see `local_error`
  kStopped,          ///< we were asked to stop
};

/// An answer, or the reason why there is none.
struct Response {
  TransportProblem problem = TransportProblem::kNone;
  std::string problem_text;  ///< the client's own words; empty without a problem
  int local_error = 0;       ///< errno, where this machine is at fault
  int status = 0;            ///< 0 while there is none; the proxy's if the problem is there
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;                                          ///< unpacked

  /// The first header of that (lower-case) name; nothing when it is absent.
  std::optional<std::string_view> header(std::string_view name) const;

  /// The whole value of a field that is a list, with a comma between its lines: a proxy before
  /// Sentry may add lines of the same name (RFC 9110, 5.3).
  std::optional<std::string> list_header(std::string_view name) const;

  /// The server's clock at the time of the answer: its Date, plus its Age where a cache had kept
  /// it. The newest of several Dates counts. Nothing where it is from before Sentry existed.
  std::optional<Instant> server_time() const;

  /// Removes its Date when that is years from `ours`: a clock that was never set, or an answer kept
  /// in a cache for ever. Ours is not a measure if it was never set itself.
  void distrust_date(Instant ours);

  bool ok() const { return problem == TransportProblem::kNone && status == 200; }

  /// Clears it for the next answer; keeps the buffers.
  void clear();
};

/// Sends requests, one at a time: `start` puts a request on its way and returns at once, so that
/// the caller can work on the page before it; `finish` waits for the answer. One client serves one
/// thread and keeps its connection open between requests.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  /// No request may be under way.
  virtual void start(const Request& request) = 0;

  /// Waits for the answer to the started request and puts it into `response`. Never throws because
  /// of the network or the server; `stop` ends the wait early with kStopped.
  virtual void finish(Response& response, std::stop_token stop) = 0;

  /// Gives up the request under way, if there is one.
  virtual void cancel() = 0;
};

}  // namespace source_sentry
