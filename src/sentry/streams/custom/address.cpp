#include "sentry/streams/custom/address.h"

#include <algorithm>

#include "base/error.h"
#include "base/percent.h"
#include "base/text.h"

namespace source_sentry {
namespace {

constexpr std::string_view kApi = "/api/0/";
constexpr std::size_t kMostShown = 200;

[[noreturn]] void refuse_address(std::string_view address, const std::string& why) {
  throw ConnectorError(FailureKind::kConfig, excerpt(address, kMostShown) + " " + why);
}

struct Parts {
  std::string scheme;
  std::string authority;
  std::string_view rest;
};

/// Of an absolute address; without a scheme where it is relative.
Parts parts_of(std::string_view address) {
  const std::size_t colon = address.find("://");
  const std::size_t end = address.find_first_of("/?#");
  if (colon == address.npos || (end != address.npos && end < colon)) return {"", "", address};
  std::string_view rest = address.substr(colon + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#\\"));
  rest.remove_prefix(authority.size());
  return {lower(address.substr(0, colon)), lower(authority), rest};
}

std::string hostname_of(const std::string& authority) {
  return std::string(BaseUrl{"https", authority, ""}.hostname());
}

bool is_sentry_io(std::string_view host) {
  return host == "sentry.io" || host.ends_with(".sentry.io");
}

/// As it can be sent: what no address may hold is percent-encoded.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7f || c == '"' || c == '<' || c == '>') {
      out += percent_encode(std::string_view(&c, 1));
    } else {
      out += c;
    }
  }
  return out;
}

void check_path(std::string_view address, std::string_view path) {
  if (path.empty()) refuse_address(address, "has no path below /api/0/.");
  const bool is_doubled = path.starts_with('/') || path.find("//") != path.npos;
  if (is_doubled) refuse_address(address, "has an empty part between two slashes.");
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    const std::string plain = percent_decode(part);
    if (plain == "." || plain == "..") refuse_address(address, "has a part of dots.");
    path.remove_prefix(std::min(part.size() + 1, path.size()));
  }
}

}  // namespace

std::string below_api(std::string_view address, const BaseUrl& server, bool given) {
  address = trim(address);
  const bool has_control = std::any_of(address.begin(), address.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
  });
  if (has_control || address.find_first_of("\\#") != address.npos) {
    refuse_address(address, "has a #, a backslash or a control character in it.");
  }
  Parts parts = parts_of(address);
  std::string_view rest = parts.rest;
  if (!parts.scheme.empty()) {
    if (parts.scheme != "https" && parts.scheme != "http") {
      refuse_address(address, "is no address of http or https.");
    }
    if (parts.authority.find('@') != parts.authority.npos) {
      throw ConnectorError(FailureKind::kConfig,
                           "there is a login in the address, which does not belong there.");
    }
    const std::string host = hostname_of(parts.authority);
    if (!given && host != server.hostname() && !is_sentry_io(host)) {
      refuse_address(address, "is not on " + server.text() +
                                  ". A custom stream reads the configured server only.");
    }
    const std::size_t api = rest.substr(0, rest.find('?')).find(kApi);
    if (api == rest.npos) refuse_address(address, "has no /api/0/ in its path.");
    rest.remove_prefix(api + kApi.size());
  } else if (rest.starts_with(kApi)) {
    rest.remove_prefix(kApi.size());
  } else if (rest.starts_with('/')) {
    rest.remove_prefix(1);
  }
  check_path(address, rest.substr(0, rest.find('?')));
  return encoded(rest);
}

bool means_other_server(std::string_view address, const BaseUrl& server) {
  const Parts parts = parts_of(trim(address));
  const std::string host = hostname_of(parts.authority);
  return !parts.scheme.empty() && host != server.hostname() && is_sentry_io(host);
}

}  // namespace source_sentry
