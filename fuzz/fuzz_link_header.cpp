// Any Link header, and headers of every known form around any cursor.

#include <string>

#include "http/link_header.h"
#include "property.h"

namespace source_sentry {
namespace {

void finds(const std::string& header, std::string_view cursor, bool results) {
  const auto next = parse_link_next(header);
  require(next.has_value(), "the next entry is found");
  require(next->results == results, "the flag is the next entry's");
  require(next->cursor == cursor, "the cursor is the next entry's, unchanged");
}

void check_any(std::string_view header) {
  const auto next = parse_link_next(header);
  if (!next) return;
  require(header.find("next") != std::string_view::npos, "only an entry that says next counts");
  require(header.find(next->cursor) != std::string_view::npos, "a cursor is part of the header");
  require(!next->results || header.find("true") != std::string_view::npos,
          "there are results only if the header says so");
  // Entries before it do not matter, unless they are the next one.
  const std::string later = R"(<u?a=1,2;3>; rel="previous"; results="false"; cursor="0:0:1", )";
  finds(later + std::string(header.substr(header.find('<'))), next->cursor, next->results);
}

void check_forms(const std::string& cursor) {
  const std::string quoted = "cursor=\"" + cursor + "\"";
  for (const bool results : {true, false}) {
    const std::string flag = results ? R"(results="true")" : R"(results="false")";
    const std::string next = R"(<u>; rel="next"; )" + flag + "; " + quoted;
    finds(next, cursor, results);
    finds(next + ";", cursor, results);
    finds("{'" + next + "'}", cursor, results);
    finds(R"(<u>; rel="previous"; results="true"; cursor="p", )" + next, cursor, results);
    finds(next + R"(, <u>; rel="previous"; results="true"; cursor="p")", cursor, results);
    finds("<u>; crossorigin" + next.substr(3), cursor, results);
    finds("<u>; " + quoted + "; " + flag + R"(; rel="next")", cursor, results);
    finds("<u>;" + flag + ";" + quoted + R"(;rel="next")", cursor, results);
    if (cursor.empty() || cursor.find_first_of(";, '}") != std::string::npos) continue;
    const std::string bare = results ? "results=true" : "results=false";
    finds("<u>; rel=next; " + bare + "; cursor=" + cursor, cursor, results);
  }
}

}  // namespace

void fuzz(std::string_view input) {
  check_any(input);
  // A cursor as it may stand in quotes and between two URLs.
  if (input.find_first_of("\"<>") == std::string_view::npos) check_forms(std::string(input));
}

}  // namespace source_sentry
