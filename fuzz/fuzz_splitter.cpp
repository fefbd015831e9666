// Any body: RecordSplitter, salvage_records, top_level_members and in_one_line against a second
// parser.

#include <algorithm>

#include "json/members.h"
#include "json/record_splitter.h"
#include "json/salvage.h"
#include "judged_json.h"
#include "property.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;
using Root = RecordSplitter::Root;

constexpr std::size_t kMaxNesting = 1024;

/// What a record's key holds, by what record_splitter.h says: a string's inside or a number's text.
/// Strings with escapes count as none, and the last of two equal keys counts.
std::string_view picked(const std::vector<Member>& members, std::string_view key, bool numbers) {
  std::string_view found;
  for (const auto& [name, value] : members) {
    if (name != key) continue;
    found = {};
    const bool is_text = value.starts_with('"') && value.find('\\') == std::string_view::npos;
    if (is_text) found = value.substr(1, value.size() - 2);
    if (numbers && value.find_first_of("-0123456789") == 0) found = value;
  }
  return found;
}

void check_line(std::string_view json, const Json& value) {
  const auto line = in_one_line(json);
  const std::string_view out = line ? *line : json;
  require(out.find_first_of("\r\n") == std::string_view::npos, "in_one_line leaves a single line");
  require(judge_json(out) == value, "in_one_line keeps the value");
}

void check_record(const RecordView& record, const std::string& body, const Json& value) {
  require(record.json.data() >= body.data() &&
              record.json.data() + record.json.size() <= body.data() + body.size(),
          "a record is a slice of the body");
  require(record.json.starts_with('{') && record.json.ends_with('}'), "a record goes from { to }");
  require(judge_json(record.json) == value, "a record is what the second parser finds there");
  const std::vector<Member> members = top_level_members(record.json);
  Json rebuilt = Json::object();
  for (const auto& [key, member] : members) {
    const auto name = judge_json("\"" + std::string(key) + "\"");
    const auto inside = judge_json(member);
    require(name && inside, "each member's key and value are JSON");
    rebuilt[name->get<std::string>()] = *inside;
  }
  require(rebuilt == value, "the members are those that the second parser finds");
  require(record.id == picked(members, "id", true), "the id is the one of the record's own level");
  require(record.cursor == picked(members, "dateCreated", false),
          "the cursor is the one of the record's own level");
  check_line(record.json, value);
}

void check_page(const RecordPage& page, const std::string& body, const Json& elements) {
  auto record = page.records.begin();
  const char* last = body.data();
  std::size_t empty = 0;
  std::size_t not_objects = 0;
  for (const Json& element : elements) {
    if (!element.is_object()) {
      ++not_objects;
    } else if (element.empty()) {
      ++empty;
    } else {
      require(record != page.records.end(), "no record is left out");
      require(record->json.data() >= last, "records keep their order");
      last = record->json.data() + record->json.size();
      check_record(*record++, body, element);
    }
  }
  require(record == page.records.end(), "there are no more records than elements");
  require(page.empty == empty && page.not_objects == not_objects, "what is no record is counted");
}

/// All slices of a page that passed.
RecordPage all_slices(RecordSplitter& splitter, RecordPage page) {
  RecordPage all = page;
  while (splitter.next_slice(page)) {
    require(page.continues && page.empty + page.not_objects == 0, "slices count nothing twice");
    all.records.insert(all.records.end(), page.records.begin(), page.records.end());
  }
  require(all.records.size() == page.all_records, "a page knows how many records it has");
  return all;
}

bool same(const RecordPage& a, const RecordPage& b) {
  return a.empty == b.empty && a.not_objects == b.not_objects &&
         std::equal(a.records.begin(), a.records.end(), b.records.begin(), b.records.end(),
                    [](const RecordView& x, const RecordView& y) {
                      return x.json.data() == y.json.data() && x.json.size() == y.json.size() &&
                             x.id == y.id && x.cursor == y.cursor;
                    });
}

void check_body(const std::string& body, const std::optional<Json>& judged, Root root) {
  static RecordSplitter used("id", "dateCreated");
  RecordPage page;
  const auto error = used.split(body, root, page);
  RecordPage fresh;
  const auto fresh_error = RecordSplitter("id", "dateCreated").split(body, root, fresh);
  require(error.has_value() == fresh_error.has_value() && same(page, fresh),
          "a splitter keeps nothing of an earlier page");

  if (!error) page = all_slices(used, std::move(page));
  RecordPage parts;
  RecordSplitter windows("id", "dateCreated", {1 + body.size() % 61, 1 + body.size() % 3});
  const auto parts_error = windows.split(body, root, parts);
  require(parts_error.has_value() == error.has_value(), "windows change nothing of what passes");
  require(same(error ? parts : all_slices(windows, std::move(parts)), page),
          "windows and slices change nothing of a page");

  const bool of_that_root =
      judged && (root == Root::kList ? judged->is_array() : judged->is_object());
  const bool wanted = of_that_root && nesting(body) <= kMaxNesting;
  if (error) {
    require(!wanted, "a page is refused for a documented reason only");
    require(!error->what.empty() && error->offset <= body.size(), "a refusal says what and where");
    require(same(page, RecordPage()), "a refused page is left empty");
  } else {
    require(wanted, "a page that passes is strict JSON of the right kind");
    check_page(page, body, root == Root::kList ? *judged : Json::array({*judged}));
  }
}

/// A list in an object is the same list; and a body that passes as one has it there.
void check_wrapped(const std::string& body, const std::optional<Json>& judged) {
  const RecordSplitter::Bounds bounds = {1 + body.size() % 61, 1 + body.size() % 3};
  RecordPage page;
  RecordSplitter splitter("id", "dateCreated", bounds);
  const bool passes = !splitter.split_list(body, "data", page);
  if (passes) page = all_slices(splitter, std::move(page));
  if (passes) {
    require(judged.has_value(), "what passes is strict JSON");
    const Json list = judged->is_object() ? judged->value("data", Json()) : *judged;
    require(list.is_array(), "what passes is a list, or has one");
    check_page(page, body, list);
  }
  RecordSplitter plain("id", "dateCreated");
  RecordPage bare;
  const bool is_list = !plain.split(body, Root::kList, bare);
  if (is_list) bare = all_slices(plain, std::move(bare));
  const std::string wrapped = R"({"data":[7],"meta":{"data":[]},"data":)" + body + R"(,"x":1})";
  RecordPage inside;
  RecordSplitter again("id", "dateCreated", bounds);
  const bool is_inside = !again.split_list(wrapped, "data", inside);
  if (is_inside) inside = all_slices(again, std::move(inside));
  // A level deeper it may be too deep; and a mark of its order is none in the middle.
  if (!is_inside)
    return require(!is_list || nesting(body) >= kMaxNesting || body[0] != '[', "it is there");
  if (!is_list) return;
  require(inside.records.size() == bare.records.size(), "it has as many records");
  for (std::size_t i = 0; i < bare.records.size(); ++i) {
    require(inside.records[i].json == bare.records[i].json, "and the same ones");
  }
}

void check_salvaged(const std::string& body) {
  RecordSplitter splitter("id", "dateCreated");
  std::string salvaged = body;
  const auto result = salvage_records(salvaged, splitter);
  if (!result) return;
  const auto list = judge_json(salvaged);
  require(list && list->is_array(), "what is salvaged is a valid list");
  RecordPage page;
  require(!splitter.split(salvaged, Root::kList, page), "it passes");
  require(!page.records.empty(), "what is of use holds records");
  require(page.not_objects == 0, "and nothing else");
  check_page(all_slices(splitter, page), salvaged, *list);
  const auto whole = judge_json(body);
  require(!whole || nesting(body) > kMaxNesting || result->left_out + list->size() == whole->size(),
          "every element is salvaged or counted");
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string body(input);
  const std::optional<Json> judged = judge_json(input);
  check_body(body, judged, Root::kList);
  check_body(body, judged, Root::kObject);
  check_wrapped(body, judged);
  check_salvaged(body);
}

}  // namespace source_sentry
