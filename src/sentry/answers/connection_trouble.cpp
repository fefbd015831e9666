#include "sentry/answers/connection_trouble.h"

#include <cerrno>
#include <system_error>

#include "base/error.h"

namespace source_sentry {
namespace {

/// When this machine cannot open a connection.
std::string explain_local(int error, const BaseUrl& host) {
  const std::string begin = "No connection to " + host.text() + " can be opened from here (" +
                            std::generic_category().message(error) + "). ";
  switch (error) {
    case EMFILE:
    case ENFILE:
      return begin +
             "Too many files are open: raise the limit (ulimit -n), or set num_workers lower.";
    case ENOMEM:
    case ENOBUFS:
      return begin + "Give the connector more memory, or set num_workers lower.";
    case EPERM:
    case EACCES:
      return begin + "Have the firewall of this machine, or what confines the process, allow it.";
    case EADDRNOTAVAIL:
      return begin +
             "This machine has no free port, or no address of the server's kind (IPv4, "
             "IPv6): check its network.";
    default:
      return begin +
             "Check this machine's network, and that it has IPv6 where the server has "
             "nothing else.";
  }
}

/// The answer never came from Sentry: the status, if there is one, is the proxy's.
std::string explain_proxy(const Response& response, const BaseUrl& host) {
  if (response.status == 407) return explain_proxy_login(host);
  if (response.status >= 400 && response.status < 500) {
    return "The proxy does not let us through to " + host.text() + " (" + response.problem_text +
           "). Check hostname and proxy, or have this connection allowed.";
  }
  return "The proxy on the way to " + host.text() + " does not work (" + response.problem_text +
         "). Check proxy, or the environment variable that names it, and that it runs.";
}

}  // namespace

std::string explain_proxy_login(const BaseUrl& host) {
  return "The proxy on the way to " + host.text() +
         " does not accept us (HTTP 407). Put the right user name and password into proxy, as "
         "http://user:password@host:port.";
}

std::string explain_trouble(const Response& response, const Route& route, const BaseUrl& host) {
  const std::string address = host.text();
  switch (response.problem) {
    case TransportProblem::kDnsFailure:
      return "No server named " + std::string(host.hostname()) +
             " can be found. Check hostname, and that the name can be looked up from here.";
    case TransportProblem::kConnectFailure:
      return "The server at " + address +
             " does not accept connections. Check hostname and port, that it runs, and that no "
             "firewall is in between.";
    case TransportProblem::kTlsFailure:
      return "No secure connection to " + address + " could be made (" + response.problem_text +
             "). If its certificate is your own, put your authority's into ca_certificates; if it "
             "speaks plain http, write http:// in hostname.";
    case TransportProblem::kProxyFailure:
      return explain_proxy(response, host);
    case TransportProblem::kProxyTlsFailure:
      return "No secure connection to the proxy could be made (" + response.problem_text +
             "). If its certificate is your own, put your authority's into ca_certificates; if it "
             "speaks plain http, as most do, write http:// in proxy.";
    case TransportProblem::kTimeout:
      return "The server at " + address + " stopped answering while reading " + route.what +
             ". Try again later.";
    case TransportProblem::kTooLarge:
      return "Sentry's answer for " + route.what +
             " is larger than can be held. Please report this.";
    case TransportProblem::kUnknownCoding:
      return "The answer for " + route.what + " is compressed in a way that was not asked for (" +
             response.problem_text + "). Have what is in front of Sentry at " + address +
             " send gzip, or no compression.";
    case TransportProblem::kLocalFailure:
      return explain_local(response.local_error, host);
    case TransportProblem::kOutOfMemory:
      return no_memory_for(route.what);
    default:
      return "The connection to " + address + " broke while reading " + route.what + " (" +
             response.problem_text + "). Try again later.";
  }
}

}  // namespace source_sentry
