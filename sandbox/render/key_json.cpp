#include "sandbox/render/key_json.h"

#include "sandbox/render/time_text.h"

namespace sandbox {

void append_key(JsonWriter& json, const World& world, const Project& project,
                const ClientKey& key) {
  const std::string host =
      "o" + std::to_string(world.organization(project.organization).id) + ".ingest.sentry.example";
  const std::string number = std::to_string(project.id);
  const std::string api = "https://" + host + "/api/" + number;
  const std::string query = "/?sentry_key=" + key.public_key;
  json.begin_object();
  json.text("id", key.public_key);
  json.text("name", key.label);
  json.text("label", key.label);
  json.text("public", key.public_key);
  json.text("secret", key.secret_key);
  json.number("projectId", project.id);
  json.flag("isActive", key.active);
  json.raw("rateLimit", key.rate_limited ? R"({"window":7200,"count":1000})" : "null");
  json.key("dsn");
  json.begin_object();
  json.text("secret",
            "https://" + key.public_key + ":" + key.secret_key + "@" + host + "/" + number);
  json.text("public", "https://" + key.public_key + "@" + host + "/" + number);
  json.text("csp", api + "/csp-report" + query);
  json.text("security", api + "/security" + query);
  json.text("minidump", api + "/minidump" + query);
  json.text("playstation", api + "/playstation" + query);
  json.text("integration", api + "/integration/");
  json.text("otlp_traces", api + "/integration/otlp/v1/traces");
  json.text("otlp_logs", api + "/integration/otlp/v1/logs");
  json.text("nel", api + "/nel" + query);
  json.text("unreal", api + "/unreal/" + key.public_key + "/");
  json.text("cdn", "https://js.sentry-cdn.example/" + key.public_key + ".min.js");
  json.text("crons", api + "/cron/___MONITOR_SLUG___/" + key.public_key + "/");
  json.end_object();
  json.raw(
      R"("browserSdkVersion":"10.x","browserSdk":{"choices":[["latest","latest"],["10.x","10.x"],)"
      R"(["9.x","9.x"],["8.x","8.x"],["7.x","7.x"]]})");
  time_field(json, "dateCreated", key.created);
  json.raw(R"("dynamicSdkLoaderOptions":{"hasReplay":true,"hasPerformance":true,"hasDebug":false,)"
           R"("hasFeedback":false,"hasLogsAndMetrics":false},"useCase":"user")");
  json.end_object();
}

}  // namespace sandbox
