#include "sentry/config.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/json_member.h"
#include "base/percent.h"
#include "base/secrets/login.h"
#include "base/text.h"
#include "http/certificates.h"
#include "sentry/config_values.h"
#include "sentry/stream_groups.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

std::string required_text(const Json& document, const char* key, const std::string& expected) {
  const auto value = text_value(document, key, expected);
  if (!value) refuse_key(key, "is a required property: " + expected + ".");
  if (value->empty()) refuse_key(key, "is empty: put " + expected + " there.");
  return *value;
}

std::string slug(const Json& document, const char* key, const std::string& expected) {
  std::string value = required_text(document, key, expected);
  if (value.find('/') != std::string::npos) {
    refuse_key(key, "must be only " + expected + ", not an address with slashes.");
  }
  // As part of a path they would lead elsewhere.
  if (value == "." || value == "..") refuse_key(key, "must be " + expected + ".");
  return value;
}

BaseUrl host(const Json& document) {
  const std::string pasted =
      text_value(document, "hostname", "the address of your Sentry such as sentry.io").value_or("");
  const auto url = parse_base_url(pasted.empty() ? "sentry.io" : pasted);
  if (!url) {
    refuse_key("hostname",
               "is \"" + without_login(pasted) +
                   "\", which is not an address. Leave it empty for sentry.io, or put the "
                   "address of your Sentry there, such as https://sentry.example.com.");
  }
  return *url;
}

/// What Airbyte Cloud's own connectors refuse too: plain http, and addresses inside its network.
void require_public(const BaseUrl& url) {
  if (url.scheme != "https") refuse_key("hostname", "must be an https address on Airbyte Cloud.");
  const std::string_view name = url.hostname();
  const auto begins = [&](std::string_view with) { return name.starts_with(with); };
  bool is_private = name == "localhost" || begins("127.") || begins("10.") || begins("192.168.") ||
                    begins("169.254.") || begins("[") || begins("0.");
  for (int second = 16; second < 32; ++second) {
    is_private = is_private || begins("172." + std::to_string(second) + ".");
  }
  if (is_private) refuse_key("hostname", "must be a public address on Airbyte Cloud.");
}

std::vector<std::string> patterns(const Json& document, const char* key) {
  std::vector<std::string> list;
  const Json* value = member(document, key);
  if (value == nullptr) return list;
  const std::string expected = "must be a list of project slugs or patterns such as \"web-*\"";
  if (!value->is_array()) refuse_key(key, expected + ", not " + kind_of(*value) + ".");
  for (const Json& entry : *value) {
    if (!entry.is_string()) refuse_key(key, expected + "; it holds " + kind_of(entry) + ".");
    const std::string pattern(trim(entry.get<std::string>()));
    if (pattern.empty() || pattern == "!") refuse_key(key, expected + "; it holds an empty one.");
    if (pattern.find('/') != std::string::npos) {
      refuse_key(key, std::string(expected).append("; \"").append(pattern).append(
                          "\" is an address with slashes."));
    }
    list.push_back(pattern);
  }
  return list;
}

std::vector<std::string> stream_groups(const Json& document) {
  constexpr const char* kKey = "stream_groups";
  const Json* value = member(document, kKey);
  if (value == nullptr || (value->is_array() && value->empty())) return Config().stream_groups;
  std::string known = kAllGroups;
  for (const auto group : kStreamGroups) known.append(", ").append(group);
  const std::string expected = "must be a list of groups of streams: " + known;
  if (!value->is_array()) refuse_key(kKey, expected + ", not " + kind_of(*value) + ".");
  std::vector<std::string> chosen;
  for (const Json& entry : *value) {
    if (!entry.is_string()) refuse_key(kKey, expected + "; it holds " + kind_of(entry) + ".");
    const std::string group(trim(entry.get<std::string>()));
    const bool exists = group == kAllGroups || std::find(kStreamGroups.begin(), kStreamGroups.end(),
                                                         group) != kStreamGroups.end();
    if (!exists) {
      refuse_key(kKey, std::string(expected).append("; it holds \"").append(group).append("\"."));
    }
    chosen.push_back(group);
  }
  return chosen;
}

std::vector<std::string> tag_keys(const Json& document) {
  constexpr const char* kKey = "tag_keys";
  const Json* value = member(document, kKey);
  if (value == nullptr || (value->is_array() && value->empty())) return Config().tag_keys;
  const std::string expected = R"(must be a list of keys of tags such as "environment", or ["*"])";
  if (!value->is_array()) refuse_key(kKey, expected + ", not " + kind_of(*value) + ".");
  std::vector<std::string> keys;
  for (const Json& entry : *value) {
    if (!entry.is_string()) refuse_key(kKey, expected + "; it holds " + kind_of(entry) + ".");
    keys.emplace_back(trim(entry.get<std::string>()));
    if (keys.back().empty()) refuse_key(kKey, expected + "; it holds an empty one.");
  }
  return keys;
}

using Excluded = std::map<std::string, std::vector<std::string>>;

constexpr const char* kExclude = "exclude_fields";

[[noreturn]] void refuse_excluded(const std::string& wrong) {
  refuse_key(kExclude,
             "must be a list of fields with their streams, such as "
             R"("organization_members.email"; )" +
                 wrong + ".");
}

/// A list of "stream.field", or an object with a list of fields for each stream.
Excluded excluded_fields(const Json& document) {
  Excluded excluded;
  const Json* value = member(document, kExclude);
  if (value == nullptr) return excluded;
  if (!value->is_structured()) refuse_excluded("it is " + kind_of(*value));
  if (value->is_object()) {
    for (const auto& [stream, fields] : value->items()) {
      if (!fields.is_array()) refuse_excluded("what it says of " + stream + " is not a list");
      for (const Json& field : fields) {
        if (!field.is_string()) refuse_excluded("it holds " + kind_of(field));
        excluded[stream].push_back(field.get<std::string>());
      }
    }
    return excluded;
  }
  for (const Json& entry : *value) {
    if (!entry.is_string()) refuse_excluded("it holds " + kind_of(entry));
    const std::string name(trim(entry.get<std::string>()));
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == name.size()) {
      refuse_excluded("it holds \"" + name + "\"");
    }
    excluded[name.substr(0, dot)].push_back(name.substr(dot + 1));
  }
  return excluded;
}

EventBodies event_bodies(const Json& document) {
  const auto written = text_value(document, "event_bodies", "list or detail");
  if (!written || written->empty() || *written == "list") return EventBodies::kList;
  if (*written == "detail") return EventBodies::kDetail;
  refuse_key("event_bodies", "is \"" + *written + "\"; it can be list or detail.");
}

Shard shard(const Json& document) {
  const Json* value = member(document, "shard");
  if (value == nullptr) return {};
  if (!value->is_object()) {
    refuse_key("shard", R"(must be an object such as {"index": 0, "count": 8}, not )" +
                            kind_of(*value) + ".");
  }
  constexpr std::size_t kMostShards = 1000;
  if (member(*value, "index") == nullptr && member(*value, "count") == nullptr) return {};
  for (const char* key : {"index", "count"}) {
    if (member(*value, key) == nullptr) {
      refuse_key("shard", "has no " + std::string(key) +
                              R"(: it must be an object such as {"index": 0, "count": 8}.)");
    }
  }
  Shard shard;
  shard.count = whole_number(*value, "count", 1, 1, kMostShards, "shard.");
  shard.index = whole_number(*value, "index", 0, 0, shard.count - 1, "shard.");
  return shard;
}

/// Certificates, written out or as the path of a file that holds them.
std::string certificates(const Json& document, bool in_cloud) {
  constexpr const char* kKey = "ca_certificates";
  const std::string written =
      text_value(document, kKey, "certificates in PEM or the path of their file").value_or("");
  if (written.empty()) return {};
  if (const auto pem = read_certificates(written)) return *pem;
  if (written.find("-----BEGIN") != std::string::npos) {
    refuse_key(
        kKey,
        "holds no complete certificate. Paste all of the PEM text, from BEGIN CERTIFICATE to END "
        "CERTIFICATE.");
  }
  if (in_cloud) refuse_key(kKey, "must be the PEM text itself on Airbyte Cloud.");
  // A device may be endless.
  std::error_code unknown;
  const bool is_other = std::filesystem::is_other(written, unknown);
  std::string reason = "it is not a regular file";
  const auto content = is_other ? std::nullopt : read_file(written, reason);
  if (!content) {
    refuse_key(kKey,
               "names the file " + written + ", which cannot be read: " + reason +
                   ". Put the PEM text itself there, or the path of a file that exists where the "
                   "connector runs.");
  }
  const auto pem = read_certificates(*content);
  if (!pem) refuse_key(kKey, "names the file " + written + ", which holds no certificate in PEM.");
  return *pem;
}

std::optional<Proxy> proxy(const Json& document, bool in_cloud) {
  constexpr const char* kKey = "proxy";
  const std::string written =
      text_value(document, kKey, "an address such as http://proxy.example.com:3128").value_or("");
  if (written.empty()) return std::nullopt;
  if (in_cloud) refuse_key(kKey, "cannot be used on Airbyte Cloud: leave it empty.");
  const auto proxy = parse_proxy(written);
  if (!proxy) {
    refuse_key(
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
    refuse_key("auth_token", "holds spaces or characters that no token has. Paste it again.");
  }
  return token;
}

/// Not used by the official connector either; only its form is checked.
void check_discover_fields(const Json& document) {
  const Json* fields = member(document, "discover_fields");
  if (fields == nullptr || fields->is_array()) return;
  refuse_key("discover_fields", "must be a list of strings, not " + kind_of(*fields) + ".");
}

Duration issues_refresh(const Json& document) {
  const Duration every = duration_value(document, "issues_refresh", Config().issues_refresh);
  const std::string written = text_member(document, "issues_refresh");
  if (every == Duration::zero() && !trim(written).empty()) {
    refuse_key("issues_refresh",
               "must be longer than zero: PT1H for every hour. Leave it out to "
               "switch it off.");
  }
  return every;
}

}  // namespace

bool Config::on_sentry_io() const {
  constexpr std::string_view kHost = "sentry.io";
  const std::string_view name = host.hostname();
  return name == kHost || name.ends_with(std::string(".").append(kHost));
}

std::string Config::control_base() const {
  return on_sentry_io() && host.scheme == "https" && host.prefix.empty() &&
                 host.hostname() == host.host
             ? "https://sentry.io/api/0/"
             : api_base();
}

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
  EveryMistake read;
  read([&] { config.auth_token = auth_token(document); });
  read([&] { config.organization = slug(document, "organization", "the organization's slug"); });
  read([&] {
    // Forms leave it like this.
    if (const auto project = text_value(document, "project", "the project's slug");
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
  read([&] { config.start_date = date_value(document, "start_date"); });
  read([&] { config.end_date = date_value(document, "end_date"); });
  read([&] {
    if (config.start_date && config.end_date && *config.start_date >= *config.end_date) {
      refuse_key("end_date", "must be later than start_date.");
    }
  });
  read([&] { config.live_spool = text_value(document, kLiveSpoolKey, "a folder").value_or(""); });
  const Config usual;
  read([&] {
    config.lookback_window = duration_value(document, "lookback_window", usual.lookback_window);
  });
  read([&] {
    config.late_events_window =
        duration_value(document, "late_events_window", usual.late_events_window);
  });
  read([&] { config.issues_refresh = issues_refresh(document); });
  read([&] {
    config.releases_refresh = duration_value(document, "releases_refresh", usual.releases_refresh);
  });
  read([&] { config.event_bodies = event_bodies(document); });
  constexpr std::size_t kMostWorkers = 20;
  read([&] {
    config.num_workers = whole_number(document, "num_workers", usual.num_workers, 1, kMostWorkers);
  });
  read([&] {
    config.max_rate_share =
        static_cast<double>(whole_number(document, "max_rate_share", 100, 1, 100)) / 100;
  });
  constexpr std::size_t kMostRequests = 1'000'000'000;
  read([&] {
    config.child_budget =
        whole_number(document, "child_budget", usual.child_budget, 1, kMostRequests);
  });
  read([&] { config.shard = shard(document); });
  read([&] { config.ca_certificates = certificates(document, in_cloud); });
  read([&] { config.proxy = proxy(document, in_cloud); });
  read([&] { config.mask_secrets = flag_value(document, "mask_secrets"); });
  read([&] { config.stream_groups = stream_groups(document); });
  read([&] { config.excluded_fields = excluded_fields(document); });
  read([&] { config.tag_keys = tag_keys(document); });
  read([&] { config.explore_streams = read_explore_streams(document); });
  read([&] { config.mapping = read_mapping_config(document, in_cloud); });
  read([&] { config.allow_writing_reads = flag_value(document, "allow_writing_reads"); });
  read.finish();
  return config;
}

}  // namespace source_sentry
