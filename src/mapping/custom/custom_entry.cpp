#include "mapping/custom/custom_entry.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "mapping/custom/custom_headers.h"
#include "mapping/shape/refuse.h"

namespace source_sentry {
namespace {

using Json = nlohmann::ordered_json;
using Target = Template::Target;

constexpr std::array<std::string_view, 21> kCustomKeys = {
    "name",         "external_kind", "path",     "url",        "method",      "params",
    "headers",      "for_each",      "inject",   "on_missing", "iterator",    "exclude",
    "select",       "record_id",     "next",     "page_size",  "primary_key", "schema",
    "cursor_field", "start_param",   "end_param"};
constexpr std::size_t kLongestStreamName = 63;
constexpr std::size_t kLargestPage = 10'000;

bool is_stream_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestStreamName || (name[0] >= '0' && name[0] <= '9'))
    return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '_'; });
}

class CustomEntryReader {
 public:
  CustomEntryReader(const Json& entry, std::string place, const CustomSources& sources)
      : entry_(entry), place_(std::move(place)), sources_(sources) {}

  CustomEntry read() {
    if (!entry_.is_object()) refuse_config(place_ + " must be an object.");
    for (const auto& [key, value] : entry_.items()) {
      each_([&, name = key] {
        if (!holds(kCustomKeys, name))
          refuse_config(place_ + ": there is no key \"" + name + "\".");
      });
    }
    std::optional<Template> where;
    const bool has_address = each_([&] { where = address(); });
    if (!where) where = Template("", Target::kUrl, place_);
    CustomEntry read{{.address = *std::move(where)}, {}};
    CustomStream& stream = read.stream;
    each_([&] { read_name(stream); });
    each_([&] { check_method(); });
    each_([&] { read.for_each = text("for_each"); });
    each_([&] {
      stream.kind = text("external_kind");
      stream.is_of_opslevel = !stream.kind.empty();
      if (stream.kind.empty()) stream.kind = stream.name;
    });
    const bool has_all = each_([&] { read_params(stream); }) && has_address;
    each_([&] { read_headers(stream); });
    each_([&] { read_inject(stream); });
    each_([&] { stream.missing_fails = one_of("on_missing", "skip", "fail") == "fail"; });
    read_rule(stream.rule);
    // Whether they go together is told by the address.
    if (has_all) {
      each_([&] { read_next(stream); });
      each_([&] { read_times(stream); });
    }
    each_([&] { read_page_size(stream); });
    each_([&] { read_key(stream); });
    each_([&] { read_schema(stream); });
    each_.finish();
    return read;
  }

 private:
  const Json* value(const Json& object, const char* key) const {
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
  }
  const Json* value(const char* key) const { return value(entry_, key); }

  std::string text(const char* key) const {
    const Json* found = value(key);
    if (found == nullptr) return {};
    if (!found->is_string()) refuse_config(place_ + "." + key + " must be a string.");
    return found->get<std::string>();
  }

  std::string one_of(const char* key, const char* first, const char* second) const {
    std::string word = text(key);
    if (word.empty()) word = first;
    if (word != first && word != second) {
      refuse_config(place_ + "." + key + " must be " + first + " or " + second + ".");
    }
    return word;
  }

  void read_name(CustomStream& stream) const {
    stream.name = text("name");
    if (!is_stream_name(stream.name)) {
      refuse_config(place_ +
                    ".name must be letters, digits and _, at most 63, and begin with no digit.");
    }
    stream.place = place_ + " \"" + stream.name + "\"";
  }

  void read_params(CustomStream& stream) const {
    // They are percent-encoded as a whole.
    stream.params = templates("params", Target::kHeader);
    for (const auto& [parameter, value] : stream.params) {
      if (!value.secrets().empty()) {
        refuse_config(value.place() +
                      ": a secret belongs into a header and not into an address, "
                      "which logs show.");
      }
    }
  }

  void read_headers(CustomStream& stream) {
    stream.headers = templates("headers", Target::kHeader);
    for (const auto& entry : stream.headers) {
      each_([&] { check_header(entry.first, entry.second, sources_, place_ + ".headers"); });
    }
  }

  void check_method() const {
    const std::string method = text("method");
    if (method.empty() || lower(method) == "get") return;
    refuse_config(place_ + ".method: " + method + " is not done; a source only reads, by GET.");
  }

  Template address() const {
    const std::string path = text("path");
    const std::string url = text("url");
    if (path.empty() == url.empty()) refuse_config(place_ + " must have a path, or a url.");
    const char* key = path.empty() ? "url" : "path";
    return Template(trim(path.empty() ? url : path), Target::kUrl, place_ + "." + key);
  }

  CustomStream::Templates templates(const char* key, Target target) const {
    CustomStream::Templates all;
    const Json* found = value(key);
    if (found == nullptr) return all;
    if (!found->is_object()) {
      refuse_config(place_ + "." + key + " must be an object of names and values.");
    }
    for (const auto& [name, content] : found->items()) {
      const bool is_plain = content.is_number() || content.is_boolean();
      if (!content.is_string() && !is_plain) {
        refuse_config(place_ + "." + key + "." + name + " must be a string.");
      }
      all.emplace_back(name, Template(is_plain ? content.dump() : content.get<std::string>(),
                                      target, place_ + "." + key + "." + name));
    }
    return all;
  }

  void read_inject(CustomStream& stream) const {
    const Json* found = value("inject");
    if (found == nullptr) return;
    if (!found->is_object()) {
      refuse_config(place_ +
                    ".inject must be an object of names and paths, like {\"team\": \".slug\"}.");
    }
    for (const auto& [name, content] : found->items()) {
      const Expression path(content.is_string() ? content.get<std::string>() : "");
      if (name.empty() || path.path() == nullptr || path.path()->is_whole()) {
        refuse_config(place_ + ".inject." + name + " must be a plain path, like .slug.");
      }
      stream.inject.push_back({name, *path.path()});
    }
  }

  std::optional<Expression> judge(const char* key) const {
    const Json* found = value(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_boolean()) return Expression::literal(found->dump());
    return Expression(text(key));
  }

  void read_rule(PageRule& rule) {
    each_([&] {
      if (const std::string iterator = text("iterator"); !iterator.empty()) {
        rule.iterator = Expression(iterator);
      }
    });
    each_([&] { rule.exclude = judge("exclude"); });
    each_([&] { rule.select = judge("select"); });
    each_([&] {
      if (const std::string id = text("record_id"); !id.empty()) rule.record_id = Expression(id);
    });
  }

  void read_next(CustomStream& stream) const {
    // Airbyte's form gives an empty object where it is not filled in.
    const Json* next = value("next");
    if (next == nullptr || (next->is_object() && next->empty())) return;
    const Json* from = next->is_object() ? value(*next, "from") : nullptr;
    const std::string word = from != nullptr && from->is_string() ? from->get<std::string>() : "";
    const bool by_value = word == "header" || word == "body";
    if (!by_value && word != "link" && word != "none") {
      refuse_config(place_ + ".next.from must be link, header, body or none.");
    }
    for (const auto& [key, content] : next->items()) {
      if (key != "from" && (key != "value" || !by_value)) {
        refuse_config(place_ + ".next: there is no key \"" + key + "\" there.");
      }
    }
    using From = NextRule::From;
    stream.next.from = word == "link"     ? From::kLink
                       : word == "header" ? From::kHeader
                       : word == "body"   ? From::kBody
                                          : From::kNone;
    if (!by_value) return;
    const Json* expression = value(*next, "value");
    if (expression == nullptr || !expression->is_string() ||
        trim(expression->get<std::string>()).empty()) {
      refuse_config(place_ + ".next.value must be a jq expression that gives the cursor.");
    }
    stream.next.value = Expression(expression->get<std::string>());
    if (uses(stream, "cursor")) return;
    refuse_config(place_ +
                  ".next: neither the address nor a parameter has a {{ cursor }}, so the "
                  "next page cannot be asked for.");
  }

  static bool uses(const CustomStream& stream, std::string_view name) {
    const auto has = [&](const Template& text) { return holds(text.names(), name); };
    return has(stream.address) ||
           std::any_of(stream.params.begin(), stream.params.end(),
                       [&](const auto& parameter) { return has(parameter.second); });
  }

  void read_page_size(CustomStream& stream) const {
    const Json* size = value("page_size");
    if (size == nullptr || (size->is_object() && size->empty())) return;
    const Json* name = size->is_object() ? value(*size, "parameter") : nullptr;
    const Json* rows = size->is_object() ? value(*size, "value") : nullptr;
    const bool fits = name != nullptr && rows != nullptr && size->size() == 2 &&
                      name->is_string() && !name->get<std::string>().empty() &&
                      rows->is_number_integer() && *rows >= 1 && *rows <= kLargestPage;
    if (!fits) {
      refuse_config(place_ +
                    ".page_size must be an object like "
                    "{\"parameter\": \"per_page\", \"value\": 100}.");
    }
    stream.page_size_param = name->get<std::string>();
    stream.page_size = rows->get<std::size_t>();
  }

  void read_times(CustomStream& stream) const {
    stream.cursor_field = text("cursor_field");
    stream.start_param = text("start_param");
    stream.end_param = text("end_param");
    const bool asks = !stream.start_param.empty() || uses(stream, "start");
    if (asks && stream.cursor_field.empty()) {
      refuse_config(place_ +
                    ".cursor_field must name the member whose newest value a later run "
                    "begins at.");
    }
    if (!asks && !stream.cursor_field.empty()) {
      refuse_config(place_ + ".cursor_field needs a start_param, or {{ start }} in the address.");
    }
    if (!stream.end_param.empty() && stream.start_param.empty()) {
      refuse_config(place_ + ".end_param needs a start_param.");
    }
  }

  void read_key(CustomStream& stream) const {
    if (const Json* key = value("primary_key")) {
      const bool are_texts =
          key->is_array() && std::all_of(key->begin(), key->end(), [](const Json& part) {
            return part.is_string() && !part.get<std::string>().empty();
          });
      if (!are_texts) refuse_config(place_ + ".primary_key must be a list of members.");
      for (const Json& part : *key) stream.primary_key.push_back(part.get<std::string>());
    }
    if (!stream.primary_key.empty()) return;
    const PlainPath* path = stream.rule.record_id.path();
    const std::string_view member = path != nullptr ? path->only_key() : std::string_view();
    stream.primary_key.emplace_back(member.empty() ? kExternalId : member);
  }

  void read_schema(CustomStream& stream) const {
    const Json* schema = value("schema");
    if (schema == nullptr) return;
    const Json read =
        schema->is_string() ? Json::parse(schema->get<std::string>(), nullptr, false) : *schema;
    if (!read.is_object() || read.value("type", Json()) != "object") {
      refuse_config(place_ + ".schema must be a JSON schema of type object.");
    }
    const Json properties = read.value("properties", Json::object());
    std::vector<std::string> named = stream.primary_key;
    if (!stream.cursor_field.empty()) named.push_back(stream.cursor_field);
    for (const std::string& name : named) {
      if (!properties.contains(name)) {
        refuse_config(place_ + ".schema must name \"" + name + "\", its key or cursor.");
      }
    }
    stream.schema = read.dump();
  }

  const Json& entry_;
  const std::string place_;
  const CustomSources& sources_;
  EveryMistake each_;
};

}  // namespace

CustomEntry read_custom_entry(const nlohmann::ordered_json& entry, const std::string& place,
                              const CustomSources& sources) {
  return CustomEntryReader(entry, place, sources).read();
}

}  // namespace source_sentry
