#include "sandbox/render/event_json.h"

#include <algorithm>
#include <array>

#include "sandbox/render/event_entries.h"
#include "sandbox/render/release_json.h"
#include "sandbox/render/time_text.h"

namespace sandbox {
namespace {

void append_ids(JsonWriter& json, const EventScene& scene) {
  json.text("id", scene.id);
  json.id("groupID", scene.issue.id);
  json.text("eventID", scene.id);
  json.id("projectID", scene.project.id);
}

void append_visitor(JsonWriter& json, const EventScene& scene, bool minimal) {
  json.key("user");
  const bool small = scene.size == EventSize::kSmall;
  if (!scene.visitor || (small && scene.visitor->number % 4 != 0)) {
    json.null();
    return;
  }
  const std::uint32_t number = scene.visitor->number;
  const std::string digits = std::to_string(number);
  json.begin_object();
  json.text("id", digits);
  json.text("email", "u" + digits + "@shop.example");
  if (!small) {
    json.text_or_null("username", number % 3 == 0 ? "shopper_" + digits : "");
    json.text("ip_address", "203.0.113." + std::to_string(number % 250));
    json.text_or_null("name", number % 4 == 0 ? people()[number % people().size()] : "");
  }
  if (minimal || small) {
    // Such clients send no more than an id; the keys are optional.
  } else if (number % 2 == 0) {
    json.raw(R"("geo":null,"data":null)");
  } else {
    json.raw(R"("geo":{"country_code":"CH","city":"Z\u00fcrich","region":"Switzerland"},)"
             R"("data":{"isStaff":false,"cart value":12.50,"account":9007199254740993})");
  }
  json.end_object();
}

void append_tag(JsonWriter& json, std::string_view key, std::string_view value) {
  json.begin_object();
  json.text("key", key);
  json.text("value", value);
  json.end_object();
}

/// In order of their keys, as Sentry sorts them.
void append_tags(JsonWriter& json, const EventScene& scene) {
  Dice random(scene.drawn ^ 5);  // of which the browser is the first draw: see event_browser
  const bool rich = scene.size != EventSize::kSmall;
  json.key("tags");
  json.begin_array();
  if (rich) append_tag(json, "browser", random.pick(browsers()));
  if (scene.environment) append_tag(json, "environment", environments()[*scene.environment]);
  if (rich) append_tag(json, "handled", scene.text.unhandled ? "no" : "yes");
  append_tag(json, "level", scene.text.level);
  if (rich && !scene.text.logger.empty()) append_tag(json, "logger", scene.text.logger);
  if (rich) append_tag(json, "order_total", "0.1000");
  if (scene.release && (rich || scene.drawn % 3 == 0)) {
    append_tag(json, "release", scene.world.release(*scene.release).version);
  }
  if (rich) append_tag(json, "server_name", "web-" + std::to_string(random.below(12)) + ".zrh");
  if (scene.visitor && rich) {
    const std::string number = std::to_string(scene.visitor->number);
    json.begin_object();
    json.text("key", "user");
    json.text("value", "id:" + number);
    json.text("query", "user.id:\"" + number + "\"");
    json.end_object();
  }
  json.end_array();
}

void append_metadata(JsonWriter& json, const EventScene& scene) {
  json.key("metadata");
  json.begin_object();
  if (scene.text.type.empty()) {
    json.text("title", scene.text.title);
  } else {
    json.text("value", scene.text.value);
    json.text("type", scene.text.type);
    json.text("filename", scene.text.filename);
    json.text("function", scene.text.function);
    if (scene.size != EventSize::kSmall) {
      json.raw(R"("display_title_with_tree_label":false,"in_app_frame_mix":"mixed")");
    }
  }
  json.end_object();
}

void append_location(JsonWriter& json, const EventScene& scene) {
  json.text_or_null("location", scene.text.type.empty() ? "" : scene.text.filename);
}

/// What a visitor wrote into the feedback widget; without an address where none was given.
void append_feedback(JsonWriter& json, const EventScene& scene) {
  const std::string number = std::to_string(scene.drawn % 900);
  json.key("feedback");
  json.begin_object();
  json.text("message", "The button «Kaufen» does \"nothing\".\nOrder " + number);
  json.text_or_null("contact_email",
                    scene.drawn % 3 == 0 ? "" : "visitor" + number + "@customer.example");
  json.text("name", "Visitor №" + number);
  json.text("url", "https://shop.acme.example/checkout?step=" + number);
  json.text("source", "new_feedback_envelope");
  if (scene.drawn % 2 == 0) {
    json.text("replay_id", EventId{mix(scene.drawn ^ 8), mix(scene.drawn ^ 9)}.text());
  }
  json.raw(R"("type":"default")");
  json.end_object();
}

void append_contexts(JsonWriter& json, const EventScene& scene) {
  const bool feedback = scene.issue.kind == IssueKind::kFeedback;
  if (scene.size == EventSize::kSmall && !feedback) {
    json.raw("contexts", "{}");
    return;
  }
  const EventId trace{mix(scene.drawn ^ 6), mix(scene.drawn ^ 7)};
  json.key("contexts");
  json.begin_object();
  if (feedback) append_feedback(json, scene);
  json.raw(scene.pieces.contexts);
  json.key("trace");
  json.begin_object();
  json.text("trace_id", trace.text());
  json.text("span_id", trace.text().substr(16));
  json.raw(R"("op":"http.server","status":"internal_error","type":"trace")");
  json.end_object();
  json.end_object();
}

/// Numbers that a client must not print anew: beyond 64 bits, beyond a double's digits, with zeros
/// or exponents that another printer would drop.
void append_extra(JsonWriter& json, const EventScene& scene) {
  json.key("context");
  json.begin_object();
  if (scene.size != EventSize::kSmall) {
    json.raw(R"("order_total":1.0,"ratio":0.1000,"limit":1e5,"epsilon":1.5E-07,"balance":-0.0,)"
             R"("account":18446744073709551615,"steps":123456789012345678901234567890,)"
             R"("pi":3.14159265358979323846,"unauthorized":false,"emptyMap":{},"emptyList":[],)"
             R"("results":[1,-2,3.0],"url":"https:\/\/shop.acme.example\/caf\u00e9",)"
             R"("mood":"\ud83d\ude00 or 😀",)"
             R"("session":{"foo":"bar","":"empty key","k\u00e4se":null})");
  }
  json.number("length", scene.drawn % 10'000);
  json.end_object();
}

void append_meta(JsonWriter& json, const EventScene& scene) {
  // One event in four had a value scrubbed on its way in.
  if (scene.drawn % 4 != 0) {
    json.raw(R"("_meta":{"entries":{},"message":null,"user":null,"contexts":null,"sdk":null,)"
             R"("context":null,"packages":null,"tags":{}})");
    return;
  }
  json.raw(
      R"("_meta":{"entries":{"0":{"data":{"values":{"0":{"value":{"":{)"
      R"("rem":[["@iban:filter","s",4,14]],)"
      R"("len":96,"chunks":[{"type":"text","text":"IBAN "},)"
      R"({"type":"redaction","text":"[Filtered]",)"
      R"("rule_id":"@iban:filter","remark":"s"}]}}}}}}},"message":null,)"
      R"("user":{"ip_address":{"":{"rem":[["@ip:hash","p",0,9]]}}},"contexts":null,"sdk":null,)"
      R"("context":null,"packages":null,"tags":{}})");
}

void append_errors(JsonWriter& json, const EventScene& scene) {
  if (scene.drawn % 10 != 3 || scene.size == EventSize::kSmall) {
    json.raw(R"("errors":[])");
    return;
  }
  json.raw(R"("errors":[{"type":"js_no_source","message":"Source code was not found",)"
           R"("data":{"url":"https:\/\/shop.acme.example\/static\/app.9f3c.js",)"
           R"("symbolicator_type":null}}])");
}

void append_body(JsonWriter& json, const EventScene& scene, Instant created) {
  append_ids(json, scene);
  json.number("size", 900 + scene.drawn % 90'000);
  append_entries(json, scene);
  json.text_or_null("dist", scene.words.extension == ".swift" ? "4120" : "");
  // Of exceptions, the body keeps no message; what lists show is the event store's search text.
  json.text("message", scene.text.type.empty() ? event_message(scene.text) : "");
  json.text("title", scene.text.title);
  append_location(json, scene);
  append_visitor(json, scene, false);
  append_contexts(json, scene);
  json.raw("\"sdk\":{\"name\":\"" + std::string(scene.words.sdk) + R"(","version":"2.8.0"})");
  append_extra(json, scene);
  json.raw("packages", scene.size == EventSize::kSmall ? "{}" : scene.pieces.packages);
  json.text("type", event_type(scene.issue.kind));
  append_metadata(json, scene);
  append_tags(json, scene);
  json.text("platform", scene.words.platform);
  time_field(json, "dateReceived", scene.world.received_at(scene.serial));
  append_errors(json, scene);
  json.null("occurrence");
  append_meta(json, scene);
  json.null("crashFile");
  json.text("culprit", scene.text.culprit);
  time_field(json, "dateCreated", created);
  json.key("fingerprints");
  json.begin_array();
  json.text(EventId{mix(scene.issue.id), mix(scene.issue.id + 1)}.text());
  json.end_array();
  json.raw(
      R"("groupingConfig":{"id":"newstyle:2023-01-11","enhancements":"KLUv_SAYwQAAkwKRs25l"})");
}

/// The event before or after in the same issue; null at its ends.
void append_neighbour(JsonWriter& json, const EventScene& scene, std::string_view name, int step) {
  // Among the few of the same second: some issues have most of a big project's events.
  const std::vector<Index>& all = scene.issue.events;
  const auto same = scene.world.events_between(scene.issue, scene.at, scene.at + 1);
  const auto place = std::find(same.begin(), same.end(), scene.serial) - same.begin();
  const auto here = (same.data() - all.data()) + place + step;
  json.key(name);
  if (here < 0 || here >= static_cast<std::ptrdiff_t>(all.size())) {
    json.null();
  } else {
    json.text(scene.world.id_of(all[static_cast<std::size_t>(here)]).text());
  }
}

}  // namespace

EventScene::EventScene(const World& the_world, Index the_serial, EventSize the_size)
    : world(the_world),
      serial(the_serial),
      size(the_size),
      issue(world.issue(world.event(serial).issue)),
      project(world.project(issue.project)),
      words(vocabulary(project.platform)),
      pieces(snippets(project.platform)),
      text(issue_text(world, issue)),
      id(world.id_of(serial).text()),
      at(world.event(serial).at),
      visitor(event_visitor(world, serial)),
      environment(event_environment(world, serial)),
      release(world.release_at(project, at)),
      drawn(combine(world.seed(), serial)),
      issue_drawn(combine(world.seed(), issue.id)) {}

void append_simple_event(JsonWriter& json, const World& world, Index serial, EventSize size) {
  const EventScene scene(world, serial, size);
  json.begin_object();
  json.text("id", scene.id);
  json.text("event.type", event_type(scene.issue.kind));
  json.id("groupID", scene.issue.id);
  json.text("eventID", scene.id);
  json.id("projectID", scene.project.id);
  json.text("message", event_message(scene.text));
  json.text("title", scene.text.title);
  append_location(json, scene);
  json.text("culprit", scene.text.culprit);
  append_visitor(json, scene, true);
  append_tags(json, scene);
  json.text("platform", scene.words.platform);
  time_field(json, "dateCreated", to_instant(scene.at));
  json.null("crashFile");
  append_metadata(json, scene);
  json.end_object();
}

void append_full_event(JsonWriter& json, const World& world, Index serial, EventSize size) {
  const EventScene scene(world, serial, size);
  json.begin_object();
  append_body(json, scene, to_instant(scene.at));
  json.end_object();
}

void append_event_detail(JsonWriter& json, const World& world, Index serial, EventSize size) {
  const EventScene scene(world, serial, size);
  json.begin_object();
  append_body(json, scene, world.time_of(serial));
  json.key("release");
  if (scene.release) {
    append_event_release(json, world, *scene.release);
  } else {
    json.null();
  }
  json.raw(R"("userReport":null,"sdkUpdates":[],"resolvedWith":[])");
  append_neighbour(json, scene, "nextEventID", 1);
  append_neighbour(json, scene, "previousEventID", -1);
  json.end_object();
}

}  // namespace sandbox
