#include "json/salvage.h"

#include <string_view>

#include "base/text.h"
#include "json/members.h"

namespace source_sentry {
namespace {

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
    const std::size_t end = end_of_value(text, at + 1);
    if (end >= text.size() || text[end] == '}') return false;
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
