#include "json/salvage.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "json/members.h"

namespace source_sentry {
namespace {

/// The place of the bracket with which a list begins; the text's end where it is not a list.
std::size_t begin_of_list(std::string_view body) {
  const std::size_t at = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return at != body.npos && body[at] == '[' ? at : body.size();
}

}  // namespace

std::optional<Salvaged> salvage_records(std::string& body, RecordSplitter& splitter) {
  const std::string_view text = body;
  std::size_t at = begin_of_list(text);
  if (at == text.size()) return std::nullopt;
  Salvaged result;
  bool any = false;
  std::string copy;
  RecordPage one;
  // What is kept moves up in its place: a page may be large, and a second copy too much.
  auto kept = body.begin();
  *kept++ = '[';
  do {
    const std::size_t end = end_of_value(text, at + 1);
    if (end >= text.size() || text[end] == '}') return std::nullopt;
    const std::string_view value = trim(text.substr(at + 1, end - at - 1));
    if (value.empty()) return std::nullopt;
    // As it will be in the list, a level deeper.
    copy.assign(1, '[').append(value).append(1, ']');
    if (splitter.split(copy, RecordSplitter::Root::kList, one) || one.not_objects > 0) {
      ++result.left_out;
      result.ends_badly = true;
    } else {
      result.ends_badly = false;
      if (kept - body.begin() > 1) *kept++ = ',';
      kept = std::copy(copy.begin() + 1, copy.end() - 1, kept);
      any = any || one.all_records > 0;
    }
    at = end;
  } while (text[at] == ',');
  if (!any || !trim(text.substr(at + 1)).empty()) return std::nullopt;
  *kept++ = ']';
  body.erase(kept, body.end());
  return result;
}

}  // namespace source_sentry
