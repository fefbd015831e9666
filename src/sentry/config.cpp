#include "sentry/config.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/json_member.h"
#include "base/login.h"
#include "base/percent.h"
#include "base/text.h"
#include "http/certificates.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// What users of the official connector know, and what its tests look for.
constexpr std::string_view kPrefix = "Config validation error: ";

[[noreturn]] void refuse(const std::string& key, const std::string& wrong) {
  throw ConnectorError(FailureKind::kConfig, std::string(kPrefix) + "'" + key + "' " + wrong);
}

/// Reads key after key, whatever is wrong with one of them, so that people are told of all at once.
class AllOfThem {
 public:
  template <typename Read>
  void operator()(Read read) {
    try {
      read();
    } catch (const ConnectorError& error) {
      wrong_.push_back(error.message());
    }
  }

  /// Throws where something was wrong.
  void finish() const {
    if (wrong_.empty()) return;
    std::string list = wrong_.front();
    for (std::size_t i = 1; i < wrong_.size(); ++i) {
      list.append(" ").append(std::string_view(wrong_[i]).substr(kPrefix.size()));
    }
    throw ConnectorError(FailureKind::kConfig, list);
  }

 private:
  std::vector<std::string> wrong_;
};

std::string kind_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::string:
      return "a string";
    case Json::value_t::boolean:
      return "true or false";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::null:
      return "null";
    case Json::value_t::number_float:
      return "a number with a fraction";
    default:
      return "a number";
  }
}

std::optional<std::string> text(const Json& document, const char* key,
                                const std::string& expected) {
  const Json* value = member(document, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    refuse(key, "must be a string, " + expected + ", not " + kind_of(*value) + ".");
  }
  return std::string(trim(value->get<std::string>()));  // pasted, often with a line end
}

std::string required_text(const Json& document, const char* key, const std::string& expected) {
  const auto value = text(document, key, expected);
  if (!value) refuse(key, "is a required property: " + expected + ".");
  if (value->empty()) refuse(key, "is empty: put " + expected + " there.");
  return *value;
}

std::string slug(const Json& document, const char* key, const std::string& expected) {
  std::string value = required_text(document, key, expected);
  if (value.find('/') != std::string::npos) {
    refuse(key, "must be only " + expected + ", not an address with slashes.");
  }
  // As part of a path they would lead elsewhere.
  if (value == "." || value == "..") refuse(key, "must be " + expected + ".");
  return value;
}

BaseUrl host(const Json& document) {
  const std::string pasted =
      text(document, "hostname", "the address of your Sentry such as sentry.io").value_or("");
  const auto url = parse_base_url(pasted.empty() ? "sentry.io" : pasted);
  if (!url) {
    refuse("hostname", "is \"" + without_login(pasted) +
                           "\", which is not an address. Leave it empty for sentry.io, or put the "
                           "address of your Sentry there, such as https://sentry.example.com.");
  }
  return *url;
}

/// What Airbyte Cloud's own connectors refuse too: plain http, and addresses inside its network.
void require_public(const BaseUrl& url) {
  if (url.scheme != "https") refuse("hostname", "must be an https address on Airbyte Cloud.");
  const std::string_view name = url.hostname();
  const auto begins = [&](std::string_view with) { return name.starts_with(with); };
  bool is_private = name == "localhost" || begins("127.") || begins("10.") || begins("192.168.") ||
                    begins("169.254.") || begins("[") || begins("0.");
  for (int second = 16; second < 32; ++second) {
    is_private = is_private || begins("172." + std::to_string(second) + ".");
  }
  if (is_private) refuse("hostname", "must be a public address on Airbyte Cloud.");
}

/// A whole number from `least` to `most`.
std::size_t number(const Json& document, const std::string& name, std::size_t otherwise,
                   std::size_t least, std::size_t most, const std::string& within = {}) {
  const Json* value = member(document, name);
  const std::string key = within + name;
  if (value == nullptr) return otherwise;
  const std::string expected =
      "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (!value->is_number()) refuse(key, expected + ", not " + kind_of(*value) + ".");
  // However it is written: forms and YAML turn 5 into 5.0. Out of range it may have any size.
  const auto written = value->get<double>();
  if (written != std::floor(written)) refuse(key, expected + ", not " + kind_of(*value) + ".");
  if (written < static_cast<double>(least) || written > static_cast<double>(most)) {
    refuse(key, expected + ", not " + value->dump() + ".");
  }
  return static_cast<std::size_t>(written);
}

std::optional<Instant> date(const Json& document, const char* key) {
  const auto written = text(document, key, "a date such as 2024-01-31");
  if (!written || written->empty()) return std::nullopt;
  const auto when = parse_date_or_instant(*written);
  if (!when) {
    refuse(key, "is \"" + *written +
                    "\", which is not a date. Write it as 2024-01-31 or 2024-01-31T12:00:00Z.");
  }
  return when;
}

Duration duration(const Json& document, const char* key, Duration otherwise) {
  const auto written = text(document, key, "a duration such as PT10M");
  if (!written || written->empty()) return otherwise;
  const auto span = parse_duration(*written);
  if (!span) {
    refuse(key, "is \"" + *written +
                    "\", which is not a duration of whole weeks, days, hours, minutes and seconds. "
                    "Write PT10M for ten minutes, PT6H for six hours, P7D for seven days.");
  }
  return *span;
}

std::vector<std::string> patterns(const Json& document, const char* key) {
  std::vector<std::string> list;
  const Json* value = member(document, key);
  if (value == nullptr) return list;
  const std::string expected = "must be a list of project slugs or patterns such as \"web-*\"";
  if (!value->is_array()) refuse(key, expected + ", not " + kind_of(*value) + ".");
  for (const Json& entry : *value) {
    if (!entry.is_string()) refuse(key, expected + "; it holds " + kind_of(entry) + ".");
    const std::string pattern(trim(entry.get<std::string>()));
    if (pattern.empty() || pattern == "!") refuse(key, expected + "; it holds an empty one.");
    if (pattern.find('/') != std::string::npos) {
      refuse(key, std::string(expected).append("; \"").append(pattern).append(
                      "\" is an address with slashes."));
    }
    list.push_back(pattern);
  }
  return list;
}

EventBodies event_bodies(const Json& document) {
  const auto written = text(document, "event_bodies", "list or detail");
  if (!written || written->empty() || *written == "list") return EventBodies::kList;
  if (*written == "detail") return EventBodies::kDetail;
  refuse("event_bodies", "is \"" + *written + "\"; it can be list or detail.");
}

Shard shard(const Json& document) {
  const Json* value = member(document, "shard");
  if (value == nullptr) return {};
  if (!value->is_object()) {
    refuse("shard",
           R"(must be an object such as {"index": 0, "count": 8}, not )" + kind_of(*value) + ".");
  }
  constexpr std::size_t kMostShards = 1000;
  if (member(*value, "index") == nullptr && member(*value, "count") == nullptr) return {};
  for (const char* key : {"index", "count"}) {
    if (member(*value, key) == nullptr) {
      refuse("shard", "has no " + std::string(key) +
                          R"(: it must be an object such as {"index": 0, "count": 8}.)");
    }
  }
  Shard shard;
  shard.count = number(*value, "count", 1, 1, kMostShards, "shard.");
  shard.index = number(*value, "index", 0, 0, shard.count - 1, "shard.");
  return shard;
}

bool flag(const Json& document, const char* key) {
  const Json* value = member(document, key);
  if (value == nullptr) return false;
  if (!value->is_boolean()) refuse(key, "must be true or false, not " + kind_of(*value) + ".");
  return value->get<bool>();
}

/// Certificates, written out or as the path of a file that holds them.
std::string certificates(const Json& document, bool in_cloud) {
  constexpr const char* kKey = "ca_certificates";
  const std::string written =
      text(document, kKey, "certificates in PEM or the path of their file").value_or("");
  if (written.empty()) return {};
  if (const auto pem = read_certificates(written)) return *pem;
  if (written.find("-----BEGIN") != std::string::npos) {
    refuse(
        kKey,
        "holds no complete certificate. Paste all of the PEM text, from BEGIN CERTIFICATE to END "
        "CERTIFICATE.");
  }
  if (in_cloud) refuse(kKey, "must be the PEM text itself on Airbyte Cloud.");
  // A device may be endless.
  std::error_code unknown;
  const bool is_other = std::filesystem::is_other(written, unknown);
  std::string reason = "it is not a regular file";
  const auto content = is_other ? std::nullopt : read_file(written, reason);
  if (!content) {
    refuse(kKey, "names the file " + written + ", which cannot be read: " + reason +
                     ". Put the PEM text itself there, or the path of a file that exists where the "
                     "connector runs.");
  }
  const auto pem = read_certificates(*content);
  if (!pem) refuse(kKey, "names the file " + written + ", which holds no certificate in PEM.");
  return *pem;
}

std::optional<Proxy> proxy(const Json& document, bool in_cloud) {
  constexpr const char* kKey = "proxy";
  const std::string written =
      text(document, kKey, "an address such as http://proxy.example.com:3128").value_or("");
  if (written.empty()) return std::nullopt;
  if (in_cloud) refuse(kKey, "cannot be used on Airbyte Cloud: leave it empty.");
  const auto proxy = parse_proxy(written);
  if (!proxy) {
    refuse(
        kKey,
        "is \"" + without_login(written) +
            "\", which is not the address of a proxy. Write it as http://proxy.example.com:3128, "
            "with user:password@ before the host if the proxy wants them (a / ? # or @ in the "
            "password as %2F %3F %23 %40), and https, "
            "socks4, socks4a, socks5 or socks5h in place of http for such a proxy.");
  }
  return proxy;
}

std::string auth_token(const Json& document) {
  std::string token = required_text(document, "auth_token", "an auth token made in Sentry");
  const bool breaks_header = std::any_of(token.begin(), token.end(),
                                         [](unsigned char c) { return c <= ' ' || c >= 0x7f; });
  if (breaks_header) {
    refuse("auth_token", "holds spaces or characters that no token has. Paste it again.");
  }
  return token;
}

/// Not used by the official connector either; only its form is checked.
void check_discover_fields(const Json& document) {
  const Json* fields = member(document, "discover_fields");
  if (fields == nullptr || fields->is_array()) return;
  refuse("discover_fields", "must be a list of strings, not " + kind_of(*fields) + ".");
}

Duration issues_refresh(const Json& document) {
  const Duration every = duration(document, "issues_refresh", Config().issues_refresh);
  const std::string written = text_member(document, "issues_refresh");
  if (every == Duration::zero() && !trim(written).empty()) {
    refuse("issues_refresh",
           "must be longer than zero: PT1H for every hour. Leave it out to "
           "switch it off.");
  }
  return every;
}

}  // namespace

std::string Config::organization_path() const {
  return "organizations/" + percent_encode(organization) + "/";
}

std::string Config::project_path(const std::string& slug) const {
  return "projects/" + percent_encode(organization) + "/" + percent_encode(slug) + "/";
}

Config read_config(const Json& document, bool in_cloud) {
  if (!document.is_object()) {
    throw ConnectorError(FailureKind::kConfig,
                         "Config validation error: the configuration must be a JSON object.");
  }
  Config config;
  AllOfThem read;
  read([&] { config.auth_token = auth_token(document); });
  read([&] { config.organization = slug(document, "organization", "the organization's slug"); });
  read([&] {
    // Forms leave it like this.
    if (const auto project = text(document, "project", "the project's slug");
        project && !project->empty()) {
      config.project = slug(document, "project", "the project's slug");
    }
  });
  read([&] { config.projects = patterns(document, "projects"); });
  read([&] {
    config.host = host(document);
    if (in_cloud) require_public(config.host);
  });
  read([&] { check_discover_fields(document); });
  read([&] { config.start_date = date(document, "start_date"); });
  read([&] { config.end_date = date(document, "end_date"); });
  read([&] {
    if (config.start_date && config.end_date && *config.start_date >= *config.end_date) {
      refuse("end_date", "must be later than start_date.");
    }
  });
  const Config usual;
  read([&] {
    config.lookback_window = duration(document, "lookback_window", usual.lookback_window);
  });
  read([&] {
    config.late_events_window = duration(document, "late_events_window", usual.late_events_window);
  });
  read([&] { config.issues_refresh = issues_refresh(document); });
  read([&] {
    config.releases_refresh = duration(document, "releases_refresh", usual.releases_refresh);
  });
  read([&] { config.event_bodies = event_bodies(document); });
  constexpr std::size_t kMostWorkers = 20;
  read([&] {
    config.num_workers = number(document, "num_workers", usual.num_workers, 1, kMostWorkers);
  });
  read([&] {
    config.max_rate_share =
        static_cast<double>(number(document, "max_rate_share", 100, 1, 100)) / 100;
  });
  read([&] { config.shard = shard(document); });
  read([&] { config.ca_certificates = certificates(document, in_cloud); });
  read([&] { config.proxy = proxy(document, in_cloud); });
  read([&] { config.mask_secrets = flag(document, "mask_secrets"); });
  read.finish();
  return config;
}

}  // namespace source_sentry
