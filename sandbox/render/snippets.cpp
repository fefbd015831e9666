#include "sandbox/render/snippets.h"

#include <array>

#include "sandbox/render/json_writer.h"
#include "sandbox/world/random.h"
#include "sandbox/world/vocabulary.h"

namespace sandbox {
namespace {

using std::string_view;

constexpr int kKinds = 40;  // different frames per platform

/// Everything of a frame but its variables. `lines` is the quoted source around `line`.
Snippet frame(const Vocabulary& words, string_view function, string_view module, bool in_app,
              std::uint32_t line, const std::vector<string_view>& lines) {
  Snippet snippet;
  JsonWriter json(snippet.before);
  const std::string file = std::string(module) + std::string(words.extension);
  json.begin_object();
  json.text("filename", file);
  json.text("absPath", (in_app ? "/srv/app/" : "/usr/lib/site/") + file);
  json.text("module", module);
  json.raw(R"("package":null,"platform":null,"instructionAddr":null,"symbolAddr":null)");
  json.text("function", function);
  json.raw(R"("rawFunction":null,"symbol":null)");
  json.key("context");
  json.begin_array();
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    json.begin_array();
    json.number(line + i);
    json.text(lines[i]);
    json.end_array();
  }
  json.end_array();
  json.number("lineNo", line + static_cast<std::uint32_t>(lines.size() / 2));
  if (words.extension == ".js") {
    json.number("colNo", 8 + line % 40);
  } else {
    json.null("colNo");
  }
  json.flag("inApp", in_app);
  json.raw(R"("trust":null,"errors":null,"lock":null,"sourceLink":null)");
  json.key("vars");
  snippet.after = "}";
  return snippet;
}

std::vector<Snippet> make_frames(const Vocabulary& words, Dice& random) {
  constexpr std::size_t kQuoted = 11;  // five lines, the one, five lines
  std::vector<Snippet> frames;
  for (int i = 0; i < kKinds; ++i) {
    const std::size_t start = random.below(words.source.size());
    std::vector<string_view> lines;
    for (std::size_t k = 0; k < kQuoted; ++k) {
      lines.push_back(words.source[(start + k) % words.source.size()]);
    }
    const std::uint32_t line = 10 + random.below(400);
    const string_view function = random.pick(words.functions);
    frames.push_back(frame(words, function, random.pick(words.modules), true, line, lines));
  }
  return frames;
}

std::vector<Snippet> make_system_frames(const Vocabulary& words, Dice& random) {
  std::vector<Snippet> frames;
  for (int i = 0; i < kKinds; ++i) {
    const std::uint32_t line = 1 + random.below(3000);
    const string_view function = random.pick(words.functions);
    frames.push_back(frame(words, function, random.pick(words.modules), false, line, {}));
  }
  return frames;
}

/// One line of everything, cut around the place, as browsers report minified code.
std::vector<Snippet> make_minified_frames(const Vocabulary& words, Dice& random) {
  std::vector<Snippet> frames;
  for (int i = 0; i < kKinds; ++i) {
    std::string line = "{snip} ";
    for (int k = 0; k < 3; ++k) line += random.pick(words.source);
    line += " {snip}";
    const std::vector<string_view> lines = {"/*! (c) Acme */", line, "//# sourceMappingURL=x.map"};
    frames.push_back(frame(words, "a", random.pick(words.modules), true, 1, lines));
  }
  return frames;
}

std::vector<Snippet> make_crumbs(Dice& random) {
  struct Kind {
    string_view type;
    string_view category;
    string_view level;
    string_view data;
  };
  constexpr std::array<Kind, 5> kKindsOfCrumb = {{
      {"http", "xhr", "info",
       R"({"method":"GET","status_code":200,)"
       R"("url":"https:\/\/shop.acme.example\/api\/orders?page=2"})"},
      {"default", "ui.click", "info", "null"},
      {"query", "query", "info", R"({"db.system":"postgresql","duration_ms":1.50,"rows":0})"},
      {"navigation", "navigation", "info", R"({"from":"\/cart","to":"\/checkout?step=2&x=%20"})"},
      {"debug", "console", "warning",
       R"({"arguments":["retry",3,null,true,1e3],"logger":"console"})"},
  }};
  std::vector<Snippet> crumbs;
  for (int i = 0; i < kKinds; ++i) {
    const Kind& kind = random.pick(kKindsOfCrumb);
    Snippet snippet;
    JsonWriter head(snippet.before);
    head.begin_object();
    head.text("type", kind.type);
    head.key("timestamp");
    snippet.before += '"';
    snippet.after = "\"";
    JsonWriter tail(snippet.after);
    tail.text("level", kind.level);
    tail.text("message", random.pick(crumb_messages()));
    tail.text("category", kind.category);
    tail.raw("data", kind.data);
    tail.null("event_id");
    tail.end_object();
    crumbs.push_back(std::move(snippet));
  }
  // Written as escapes, half of a pair each: a client that decodes them must join the two.
  crumbs.front().after = R"(","level":"info","message":"shared \ud83d\ude00 \u00e9t\u00e9",)"
                         R"("category":"ui","data":null,"event_id":null})";
  return crumbs;
}

std::string make_packages(const Vocabulary& words, Dice& random) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (const string_view name : words.packages) {
    json.text(name, std::to_string(random.below(9)) + "." + std::to_string(random.below(20)) + "." +
                        std::to_string(random.below(9)));
  }
  json.end_object();
  return out;
}

std::string make_contexts(const Vocabulary& words) {
  if (words.platform == "javascript") {
    return R"("browser":{"name":"Firefox","version":"128.0","type":"browser"},)"
           R"("os":{"name":"Windows","version":">=10","type":"os"},)"
           R"("client_os":{"name":"Windows","version":">=10","type":"os"},)"
           R"("culture":{"locale":"de-CH","timezone":"Europe\/Zurich","type":"default"})";
  }
  if (words.platform == "cocoa") {
    return R"("device":{"family":"iOS","model":"iPhone15,2","arch":"arm64e","battery_level":87.0,)"
           R"("memory_size":5902532608,"free_memory":121634816,"simulator":false,"type":"device"},)"
           R"("app":{"app_identifier":"com.acme.shop","app_version":"4.12.0","app_build":"4120",)"
           R"("in_foreground":true,"type":"app"},"os":{"name":"iOS","version":"17.5.1",)"
           R"("build":"21F90","rooted":false,"type":"os"})";
  }
  return R"("runtime":{"name":"CPython","version":"3.12.4","build":"3.12.4 main, Jun  6 2024",)"
         R"("type":"runtime"},"client_os":{"name":"Linux","version":"6.1.0-21","type":"os"},)"
         R"("cloud_resource":{"cloud.region":"europe-west6",)"
         R"("host.id":"i-0ab1c2d3","type":"cloud_resource"})";
}

Snippets make(Platform platform) {
  const Vocabulary& words = vocabulary(platform);
  Dice random(hash_text(words.platform));
  Snippets made;
  made.frames = make_frames(words, random);
  made.system = make_system_frames(words, random);
  made.minified = make_minified_frames(words, random);
  made.crumbs = make_crumbs(random);
  made.packages = make_packages(words, random);
  made.contexts = make_contexts(words);
  return made;
}

}  // namespace

const Snippets& snippets(Platform platform) {
  static const std::array<Snippets, 4> kMade = {make(Platform::kJavascript),
                                                make(Platform::kPython), make(Platform::kCocoa),
                                                make(Platform::kJava)};
  return kMade[static_cast<std::size_t>(platform)];
}

}  // namespace sandbox
