// Any Link header, and headers of every known form around any cursor.

#include <string>

#include "base/text.h"
#include "http/link_header.h"
#include "property.h"

namespace source_sentry {
namespace {

using Follows = NextPage::Follows;

void finds(const std::string& header, std::string_view cursor, bool results) {
  const NextPage next = parse_link_next(header);
  const std::string_view wanted = trim(cursor);
  const Follows follows = !results         ? Follows::kNothing
                          : wanted.empty() ? Follows::kUnclear
                                           : Follows::kMore;
  require(next.follows == follows, "the flag is the next entry's");
  require(next.cursor == wanted, "the cursor is the next entry's, unchanged");
}

void check_any(std::string_view header) {
  const NextPage next = parse_link_next(header);
  const bool goes_on = next.follows == Follows::kMore;
  require(!goes_on || !next.cursor.empty(), "who goes on knows where");
  require(next.follows != Follows::kUnsaid || header.find('>') != std::string_view::npos,
          "only whole entries may be about something else");
  if (!goes_on && next.follows != Follows::kNothing) return;
  const std::string small = lower(header);
  require(small.find("next") != std::string::npos, "only an entry that says next counts");
  require(header.find(next.cursor) != std::string_view::npos, "a cursor is part of the header");
  require(small.find(goes_on ? "true" : "false") != std::string::npos,
          "more or nothing follows only if the header says so");
  // Entries before it do not matter, unless they are the next one.
  const std::string later = R"(<u?a=1,2;3>; rel="previous"; results="false"; cursor="0:0:1", )";
  finds(later + std::string(header.substr(header.find('<'))), next.cursor, goes_on);
}

void check_forms(const std::string& cursor) {
  const std::string quoted = "cursor=\"" + cursor + "\"";
  for (const bool results : {true, false}) {
    const std::string flag = results ? R"(results="true")" : R"(results="false")";
    const std::string next = R"(<u>; rel="next"; )" + flag + "; " + quoted;
    finds(next, cursor, results);
    finds(next + ";", cursor, results);
    finds("</a.css>; rel=preload; as=style, " + next, cursor, results);
    finds("<u>\t; REL = \"Next\" ;\t" +
              (results ? std::string("Results=\" TRUE \"") : std::string("Results=\" FALSE \"")) +
              "; Cursor = \"" + cursor + "\"",
          cursor, results);
    finds("{'" + next + "'}", cursor, results);
    finds(R"(<u>; rel="previous"; results="true"; cursor="p", )" + next, cursor, results);
    finds(next + R"(, <u>; rel="previous"; results="true"; cursor="p")", cursor, results);
    finds("<u>; crossorigin" + next.substr(3), cursor, results);
    finds("<u>; " + quoted + "; " + flag + R"(; rel="next")", cursor, results);
    finds("<u>;" + flag + ";" + quoted + R"(;rel="next")", cursor, results);
    if (cursor.empty() || cursor.find_first_of(";, '}\t\r\n") != std::string::npos) continue;
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
