#include "http/transport.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"

namespace source_sentry {
namespace {

bool is_want(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

/// What the system says about an address before it sends anything.
bool is_said_here(int error) {
  switch (error) {
    case EADDRNOTAVAIL:  // no free port, or no address of that kind
    case EAFNOSUPPORT:   // no IPv6
    case EPERM:          // a firewall of this machine
    case EACCES:         // the same, or a sandbox around the process
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTUNREACH:
      return true;
    default:
      return is_want(error);
  }
}

/// Why no other file can be opened, as an errno; 0 if one can. Name look-ups and reading
/// certificates need files too, and do not say when they could not open one.
int no_file_left() {
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (file >= 0) close(file);
  return file < 0 && is_want(errno) ? errno : 0;
}

}  // namespace

int local_error(TransportProblem problem, int opening, long connecting) {
  const bool none_yet = problem == TransportProblem::kConnectFailure;
  if (!none_yet && problem != TransportProblem::kDnsFailure &&
      problem != TransportProblem::kProxyFailure && problem != TransportProblem::kTlsFailure) {
    return 0;
  }
  if (is_want(opening)) return opening;
  if (none_yet && is_said_here(static_cast<int>(connecting))) return static_cast<int>(connecting);
  if (none_yet && connecting == 0 && is_said_here(opening)) return opening;
  return no_file_left();
}

bool is_the_proxys(TransportProblem problem) {
  return problem == TransportProblem::kProxyFailure ||
         problem == TransportProblem::kProxyTlsFailure;
}

TransportProblem blame(TransportProblem problem, const Proxy& proxy, bool https, bool through) {
  const bool before_the_tunnel = https && !proxy.is_socks() && !through;
  switch (problem) {
    case TransportProblem::kConnectFailure:
      return TransportProblem::kProxyFailure;  // nothing else was connected to
    case TransportProblem::kTlsFailure:
      return before_the_tunnel || !https ? TransportProblem::kProxyTlsFailure : problem;
    case TransportProblem::kTimeout:
    case TransportProblem::kBroken:
      return before_the_tunnel ? TransportProblem::kProxyFailure : problem;
    default:
      return problem;
  }
}

TransportProblem problem_of(IncomingBody::Trouble trouble) {
  switch (trouble) {
    case IncomingBody::Trouble::kTooLarge:
      return TransportProblem::kTooLarge;
    case IncomingBody::Trouble::kUnknownCoding:
      return TransportProblem::kUnknownCoding;
    case IncomingBody::Trouble::kBroken:
      return TransportProblem::kBroken;
    default:
      return TransportProblem::kNone;
  }
}

long whole_seconds(Duration span) {
  return static_cast<long>(std::chrono::ceil<std::chrono::seconds>(span).count());
}

bool is_folded(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

void add_header_line(std::string_view line, Response& answer) {
  const std::size_t colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    answer.headers.clear();
  } else if (is_folded(line)) {
    if (!answer.headers.empty()) answer.headers.back().second.append(" ").append(trim(line));
  } else if (colon != std::string_view::npos) {
    answer.headers.emplace_back(lower(trim(line.substr(0, colon))), trim(line.substr(colon + 1)));
  }
}

}  // namespace source_sentry
