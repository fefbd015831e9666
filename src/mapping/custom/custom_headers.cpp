#include "mapping/custom/custom_headers.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "mapping/shape/refuse.h"

namespace source_sentry {
namespace {

/// We decide what is unpacked, how the connection is used, and which server is asked.
constexpr std::array<std::string_view, 10> kForbidden = {
    "accept-encoding", "connection", "cookie",  "expect",  "host",
    "keep-alive",      "te",         "trailer", "upgrade", "cookie2"};
constexpr std::array<std::string_view, 3> kForbiddenBeginnings = {"content-", "transfer-",
                                                                  "proxy-"};

bool is_token(std::string_view name) {
  constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter_or_digit(c) || kSigns.find(c) != kSigns.npos;
  });
}

bool is_forbidden(std::string_view name) {
  return holds(kForbidden, name) ||
         std::any_of(kForbiddenBeginnings.begin(), kForbiddenBeginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

/// Whether it is a secret and nothing else, or our own token.
bool is_credential(const Template& value, const std::string& own_token) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string mark = "\x01";
  const std::vector<std::string> secrets = value.secrets();
  if (!value.names().empty() || secrets.size() > 1) return false;
  const std::string whole =
      value.render(nullptr, [&](std::string_view /*name*/) { return std::optional(mark); });
  std::string_view rest = whole;
  if (rest.starts_with(kBearer)) rest.remove_prefix(kBearer.size());
  return secrets.empty() ? rest == own_token : rest == mark;
}

}  // namespace

void check_header(const std::string& name, const Template& value, const CustomSources& sources,
                  const std::string& place) {
  if (!is_token(name)) refuse_config(place + ": \"" + name + "\" is not the name of a header.");
  if (is_forbidden(lower(name))) {
    refuse_config(place + ": the header " + name + " is not the configuration's to set.");
  }
  for (const std::string& secret : value.secrets()) {
    if (!sources.secrets.contains(secret)) {
      std::string problem = place;
      problem.append(".").append(name).append(": there is no secret \"").append(secret);
      refuse_config(problem.append("\". Add it to secrets, with its value."));
    }
  }
  if (lower(name) == "authorization" && !is_credential(value, sources.own_token)) {
    refuse_config(place + "." + name +
                  " must be \"Bearer {{ 'NAME' | secret }}\": a secret, or the configuration's own "
                  "token, and nothing else.");
  }
}

}  // namespace source_sentry
