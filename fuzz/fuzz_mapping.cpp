// Any record through mapped streams of every kind: what comes out is a JSON object in its own
// right.

#include <string>

#include "json/record_splitter.h"
#include "json_text.h"
#include "mapping/shape/shaper.h"

namespace source_sentry {
namespace {

constexpr const char* kStreams[] = {
    R"j({"name":"s","from":"issues","select":".id != null","map":{"id":".id","a":".a.b[0]","n":".n + 1","t":".t | tostring","k":"keys"}})j",
    R"j({"name":"s","from":"issues","items":".list","map":{"id":".id","item":".item","u":"\"\\(.id)-\\(.item)\""}})j",
    R"j({"name":"s","from":"issues","fields":["id","a.b","t"]})j",
    R"j({"name":"s","from":"issues","map":". as $r | .list[]? | {id: $r.id, it: .}"})j",
    R"j({"name":"s","from":"issues","select":".n > 1"})j",
    R"j({"name":"s","from":"issues","shape":"port","map":{"identifier":".id","blueprint":"\"b\"","properties":{"p":".a"},"relations":{"r":".list"}}})j"};

/// The records of a page that holds the input alone.
std::vector<std::string> records_of(std::string_view input) {
  std::vector<std::string> records;
  const auto document = document_of(input);
  if (!document || !document->is_object()) return records;
  records.emplace_back(document->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return records;
}

}  // namespace

void fuzz(std::string_view input) {
  static JqPrograms programs;
  for (const std::string& record : records_of(input)) {
    for (const char* entry : kStreams) {
      const auto entries = nlohmann::ordered_json::array({nlohmann::ordered_json::parse(entry)});
      Shaper shaper(read_mapped_streams(entries, {{"issues"}}, false).front(), programs);
      shaper.shape(record, "7", [](std::string_view json) {
        const auto made = nlohmann::json::parse(json, nullptr, false);
        require(made.is_object(), "a record is an object");
        require(json.find('\n') == json.npos, "a record is one line");
      });
    }
  }
}

}  // namespace source_sentry
