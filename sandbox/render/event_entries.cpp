#include "sandbox/render/event_entries.h"

#include <algorithm>

#include "sandbox/render/time_text.h"

namespace sandbox {
namespace {

/// How many of each part an event of this size gets: at least, and how many more at most.
struct Amount {
  std::uint32_t least;
  std::uint32_t more;

  std::uint32_t drawn(Dice& random) const { return least + random.below(more + 1); }
};

struct Amounts {
  Amount frames;  ///< alternating with bare ones of libraries
  Amount minified;
  Amount crumbs;
};

/// Chosen so that the mean sizes come out at 1.2, 11 and 46 KB with a spread around each.
Amounts amounts(EventSize size) {
  switch (size) {
    case EventSize::kSmall:
      return {{0, 0}, {0, 0}, {0, 0}};
    case EventSize::kTypical:
      return {{2, 10}, {0, 0}, {2, 22}};
    case EventSize::kLarge:
      break;
  }
  return {{12, 26}, {12, 20}, {30, 60}};
}

/// The gap of a frame: what the function's variables held.
void append_variables(std::string& out, Dice& random, bool known) {
  if (!known) {
    out += "null";
    return;
  }
  const std::uint64_t value = random.next();
  JsonWriter json(out);
  // The key before has left no comma to write: the object opens right after its colon.
  json.begin_object();
  json.text("order", "<Order " + std::to_string(value % 100'000) + ": 'paid'>");
  json.text("amount", std::to_string(value >> 44));
  json.text("customer", "'u" + std::to_string((value >> 20) % 5000) + "@shop.example'");
  json.text("retries", (value & 1) != 0 ? "3" : "0");
  json.end_object();
}

void append_frames(JsonWriter& json, const EventScene& scene, const std::vector<Snippet>& pool,
                   std::uint32_t count, bool with_system) {
  // All events of an issue share the stack; that is why they are one issue.
  Dice stack(scene.issue_drawn);
  Dice values(scene.drawn);
  json.key("frames");
  json.begin_array();
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool system = with_system && i % 3 == 1;
    const Snippet& frame = stack.pick(system ? scene.pieces.system : pool);
    json.raw(frame.before);
    append_variables(json.out(), values, !system && scene.words.extension == ".py");
    json.out() += frame.after;
  }
  json.end_array();
  json.raw(R"("framesOmitted":null,"registers":null)");
  json.flag("hasSystemFrames", with_system && count > 1);
}

void append_exception(JsonWriter& json, const EventScene& scene, const Amounts& sizes) {
  Dice random(scene.issue_drawn ^ 1);
  const std::uint32_t frames = sizes.frames.drawn(random);
  const std::uint32_t minified = sizes.minified.drawn(random);
  json.begin_object();
  json.text("type", "exception");
  json.key("data");
  json.begin_object();
  json.key("values");
  json.begin_array();
  json.begin_object();
  json.text("type", scene.text.type);
  json.text("value", scene.text.value);
  json.raw(R"("mechanism":{"type":"generic","handled":)");
  json.out() += scene.text.unhandled ? "false}" : "true}";
  json.raw(R"("threadId":null,"module":null)");
  json.key("stacktrace");
  json.begin_object();
  append_frames(json, scene, scene.pieces.frames, frames, true);
  json.end_object();
  json.key("rawStacktrace");
  if (minified == 0) {
    json.null();
  } else {
    json.begin_object();
    append_frames(json, scene, scene.pieces.minified, minified, false);
    json.end_object();
  }
  json.end_object();
  json.end_array();
  json.raw(R"("hasSystemFrames":true,"excOmitted":null)");
  json.end_object();
  json.end_object();
}

void append_message(JsonWriter& json, const EventScene& scene) {
  json.begin_object();
  json.text("type", "message");
  json.key("data");
  json.begin_object();
  json.text("formatted", event_message(scene.text));
  json.end_object();
  json.end_object();
}

void append_crumbs(JsonWriter& json, const EventScene& scene, std::uint32_t count) {
  if (count == 0) return;
  Dice random(scene.drawn ^ 2);
  Instant at = scene.world.time_of(scene.serial) - std::chrono::seconds(2 * count);
  json.begin_object();
  json.text("type", "breadcrumbs");
  json.raw(R"("data":{"values":[)");
  for (std::uint32_t i = 0; i < count; ++i) {
    const Snippet& crumb = random.pick(scene.pieces.crumbs);
    at += std::chrono::microseconds(random.below(2'000'000));
    json.raw(crumb.before);
    append_time(json.out(), at);
    json.out() += crumb.after;
  }
  json.out() += "]}";
  json.end_object();
}

void append_request(JsonWriter& json, const EventScene& scene) {
  Dice random(scene.drawn ^ 3);
  json.begin_object();
  json.text("type", "request");
  json.key("data");
  json.begin_object();
  json.text("url", "https://shop.acme.example" + std::string(random.pick(paths())));
  json.raw(
      R"("method":"GET","fragment":null,"apiTarget":null,"data":null,"cookies":[],"env":null)");
  json.raw(R"("query":[["page",")" + std::to_string(random.below(90)) +
           R"("],["q","caf\u00e9 + \"cr\u00e8me\""]])");
  json.raw(R"("headers":[["Accept-Language","de-CH,fr;q=0.8"],)"
           R"(["Referer","https:\/\/shop.acme.example\/"],)"
           R"(["User-Agent","Mozilla\/5.0 (Windows NT 10.0; Win64; x64; rv:128.0))"
           R"( Gecko\/20100101 Firefox\/128.0"]],)"
           R"("inferredContentType":null)");
  json.end_object();
  json.end_object();
}

}  // namespace

void append_entries(JsonWriter& json, const EventScene& scene) {
  const Amounts sizes = amounts(scene.size);
  Dice random(scene.drawn ^ 4);
  json.key("entries");
  json.begin_array();
  if (scene.issue.kind != IssueKind::kError) {
    append_message(json, scene);
  } else if (scene.size != EventSize::kSmall) {
    append_exception(json, scene, sizes);
  }
  append_crumbs(json, scene, sizes.crumbs.drawn(random));
  if (scene.size != EventSize::kSmall) append_request(json, scene);
  json.end_array();
}

}  // namespace sandbox
