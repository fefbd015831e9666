#include "json/salvage.h"

#include <string_view>

#include "base/text.h"

namespace source_sentry {
namespace {

/// The position of the comma or the bracket that ends the element at `at`, by strings and brackets
/// alone; the text's size when there is none.
std::size_t end_of_element(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  bool in_string = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (depth == 0 && (c == ',' || c == ']')) {
      return at;
    } else if (c == '}' || c == ']') {
      if (depth-- == 0) break;
    }
  }
  return text.size();
}

/// A view of a part of `copy` as the same part of `original`.
std::string_view moved(std::string_view view, std::string_view copy, std::string_view original) {
  if (view.empty()) return {};
  return original.substr(static_cast<std::size_t>(view.data() - copy.data()), view.size());
}

}  // namespace

bool salvage_records(const std::string& body, RecordSplitter& splitter, RecordPage& page) {
  page = {};
  RecordPage found;
  RecordPage one;
  const std::string_view text = body;
  std::size_t at = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (at == std::string_view::npos || text[at] != '[') return false;
  do {
    const std::size_t end = end_of_element(text, at + 1);
    if (end == text.size()) return false;
    const std::string_view element = trim(text.substr(at + 1, end - at - 1));
    if (element.empty()) return false;
    const std::string copy(element);
    if (splitter.split(copy, RecordSplitter::Root::kObject, one)) {
      ++found.not_objects;
    } else {
      found.empty += one.empty;
      for (const RecordView& record : one.records) {
        found.records.push_back({moved(record.json, copy, element), moved(record.id, copy, element),
                                 moved(record.cursor, copy, element)});
      }
    }
    at = end;
  } while (text[at] == ',');
  if (found.records.empty() || !trim(text.substr(at + 1)).empty()) return false;
  page = std::move(found);
  return true;
}

}  // namespace source_sentry
