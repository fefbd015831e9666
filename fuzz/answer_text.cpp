#include "answer_text.h"

#include <charconv>

namespace source_sentry {

Response answer_of(std::string_view text, char separator) {
  Response response;
  const auto next_line = [&] {
    const std::string_view line = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
  };
  const std::string_view status = next_line();
  std::from_chars(status.data(), status.data() + status.size(), response.status);
  while (!text.empty()) {
    const std::string_view rest = text;
    const std::string_view line = next_line();
    const std::size_t colon = line.find(": ");
    const bool is_header = colon != std::string_view::npos && colon > 0 &&
                           line.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == colon;
    if (!is_header) {
      response.body = rest;
      break;
    }
    response.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return response;
}

}  // namespace source_sentry
