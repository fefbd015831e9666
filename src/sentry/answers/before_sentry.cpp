#include "sentry/answers/before_sentry.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "sentry/answers/error_body.h"

namespace source_sentry {
namespace {

/// Servers like Sentry ask for Bearer, older versions of Sentry for xBasic, so that browsers do not
/// ask their users.
constexpr std::array<std::string_view, 8> kOtherLogins = {
    "basic", "digest", "negotiate", "ntlm", "kerberos", "hoba", "mutual", "scram-sha-256"};

constexpr std::array<std::string_view, 9> kWordsOfLogins = {
    "login", "log-in", "signin", "sign-in", "sign_in", "sso", "saml", "oauth", "openid"};

/// The first of the header's login schemes, if Sentry knows none of them: "Basic".
std::string login_of_another(const Response& response) {
  const auto header = response.list_header("www-authenticate");
  if (!header) return {};
  std::string found;
  for (std::string_view rest = *header; !rest.empty();) {
    const std::string_view part = trim(rest.substr(0, rest.find(',')));
    rest.remove_prefix(std::min(rest.find(','), rest.size() - 1) + 1);
    const std::string_view scheme = part.substr(0, part.find(' '));
    if (scheme.empty() || scheme.find('=') != std::string_view::npos) continue;  // a parameter
    const std::string name = lower(scheme);
    if (name == "bearer" || name == "xbasic" || name == "token") return {};
    const bool other =
        std::find(kOtherLogins.begin(), kOtherLogins.end(), name) != kOtherLogins.end();
    if (other && found.empty()) found = scheme;
  }
  return found;
}

bool is_about_login(const std::string& address) {
  const std::string text = lower(address);
  return std::any_of(kWordsOfLogins.begin(), kWordsOfLogins.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

std::string let_through(const BaseUrl& host) {
  return "have requests to " + host.text() + "/api/0/ let through";
}

/// Where a redirect leads: an address with its path, or a path of the same host.
struct Target {
  std::optional<BaseUrl> address{};  // empty: the host that was asked
  std::string path{};                // without a query
};

Target target_of(std::string_view location, const BaseUrl& host) {
  Target target;
  std::string text(location.substr(0, location.find_first_of("?#")));
  if (text.starts_with("//")) text.insert(0, host.scheme + ":");
  const std::size_t mark = text.find("://");
  if (mark == std::string::npos) {
    target.path = text;
    return target;
  }
  const std::size_t path = text.find('/', mark + 3);
  target.path = path == std::string::npos ? "/" : text.substr(path);
  target.address = parse_base_url(text.substr(0, path));
  if (!target.address) target.address = BaseUrl{{}, "?", {}};
  return target;
}

std::string_view without_slash(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

std::string sign_of_another(const Response& refusal) {
  if (is_web_page(refusal)) return "a web page";
  // Sentry's refusals are JSON, or have no body.
  if (!trim(refusal.body).empty() && !is_json(refusal)) {
    return "in words of its own: " + error_detail(refusal);
  }
  if (const std::string login = login_of_another(refusal); !login.empty()) {
    return "it wants a login by " + shown(login);
  }
  constexpr int kForLegalReasons = 451, kNetworkLogin = 511;
  const bool never_sentrys = refusal.status == kForLegalReasons || refusal.status == kNetworkLogin;
  return never_sentrys ? "which Sentry never answers" : "";
}

std::string explain_another(const Response& refusal, const std::string& sign, const Route& route,
                            const BaseUrl& host) {
  const std::string answer = " (HTTP " + std::to_string(refusal.status) + ", " + sign + ")";
  const std::string what = "the request for " + route.what + answer;
  switch (refusal.status) {
    case 401:
      return "Something in front of Sentry wants a login of its own for " + what +
             ". The token is not at fault: " + let_through(host) + " without that login.";
    case 403:
      return "Something in front of Sentry, such as a firewall, refuses " + what +
             ". The token is not at fault: " + let_through(host) +
             ", also with signs such as > in their query.";
    case 511:
      return "The network here wants a login before it lets " + what +
             " through. Log in to it, or " + "use another network.";
    default:
      break;
  }
  if (refusal.body.find("plain HTTP request") != std::string::npos) {  // nginx
    return "The server at " + host.text() + " speaks https, and was asked in plain http. Write " +
           "https:// in hostname.";
  }
  return "Something in front of Sentry answers " + what + ". Check hostname, and " +
         let_through(host) + ".";
}

std::string explain_redirect(const Response& redirect, const Route& route, const BaseUrl& host) {
  const std::string_view location = redirect.header("location").value_or("");
  const std::string where = location.empty() ? "another address" : shown(location);
  const Target target = target_of(location, host);
  const std::string leads = "The server at " + host.text() + " redirects to " + where;
  const bool same_host = !target.address || target.address->hostname() == host.hostname();
  if (is_about_login(std::string(location))) {
    return leads +
           ": something in front of Sentry wants a login. The token is not at "
           "fault: " +
           let_through(host) + " without that login.";
  }
  if (!same_host || location.empty()) {
    return leads + ". Put the address of the Sentry itself into hostname.";
  }
  if (target.address && host.scheme == "http" && target.address->scheme == "https") {
    return leads + ": it wants https. Put " + shown(target.address->text() + host.prefix) +
           " into hostname.";
  }
  const std::string path = "/api/0/" + route.path;
  const std::string_view to = without_slash(target.path);
  const std::size_t at = to.rfind(without_slash(path));
  if (to == without_slash(host.prefix + path)) {
    return leads +
           ", which differs by a slash or less: something in front of Sentry changes "
           "addresses. Have it pass requests to " +
           host.text() + "/api/0/ on as they are.";
  }
  if (at != std::string_view::npos && at + without_slash(path).size() == to.size()) {
    const BaseUrl& base = target.address ? *target.address : host;
    return leads + ". Put " +
           shown(base.scheme + "://" + base.host + std::string(to.substr(0, at))) +
           " into hostname.";
  }
  return leads +
         ": something in front of Sentry does not let the request through. Check the "
         "path in hostname, or " +
         let_through(host) + ".";
}

}  // namespace source_sentry
