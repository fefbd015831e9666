// Splits each file named on the command line and prints what came of it, one JSON line a file, for
// differential.py. Slices, ids and cursors are printed byte by byte as hexadecimal digits.

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "json/record_splitter.h"

namespace {

std::string hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out + "\"";
}

}  // namespace

int main(int count, char** arguments) {
  using source_sentry::RecordSplitter;
  RecordSplitter splitter("id", "dateCreated");
  source_sentry::RecordPage page;
  for (int i = 1; i < count; ++i) {
    std::ifstream file(arguments[i], std::ios::binary);
    const std::string body{std::istreambuf_iterator<char>(file), {}};
    const bool refused = splitter.split(body, RecordSplitter::Root::kList, page).has_value();
    std::string records;
    for (const auto& [json, id, cursor] : page.records) {
      const std::string line = source_sentry::in_one_line(json).value_or(std::string(json));
      records += records.empty() ? "" : ",";
      records += "[" + hex(json) + "," + hex(line) + "," + hex(id) + "," + hex(cursor) + "]";
    }
    std::cout << R"({"refused":)" << (refused ? "true" : "false") << R"(,"empty":)" << page.empty
              << R"(,"not_objects":)" << page.not_objects << R"(,"records":[)" << records << "]}\n";
  }
}
