#include "live/server/request_head.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/text.h"
#include "live/server/status.h"

namespace source_sentry {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

/// A character of RFC 9110's `token`.
bool is_token_character(char c) {
  return is_letter_or_digit(c) ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// `POST /path?query HTTP/1.1`, with single spaces. Of the forms of a target only the one with a
/// path is taken: a server that is no proxy needs no other.
bool read_request_line(std::string_view line, RequestHead& head, Framing& framing) {
  const std::size_t first = line.find(' ');
  const std::size_t second = line.rfind(' ');
  if (first == line.npos || first == second) return false;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  framing.keep_alive = version == "HTTP/1.1";
  if (!is_token(method) || !target.starts_with('/')) return false;
  const bool plain = std::all_of(target.begin(), target.end(),
                                 [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
  if (!plain) return false;
  const std::size_t mark = target.find('?');
  head.method = method;
  head.path = target.substr(0, mark);
  if (mark != target.npos) head.query = target.substr(mark + 1);
  return true;
}

bool read_header(std::string_view line, RequestHead& head) {
  if (!is_header_line(line)) return false;
  const std::size_t colon = line.find(':');
  const std::string_view value = without_blanks(line.substr(colon + 1));
  head.headers.emplace_back(lower(line.substr(0, colon)), value);
  return true;
}

bool read_length(const RequestHead& head, Framing& framing) {
  const auto lengths = head.values("content-length");
  if (lengths.empty()) return true;
  if (lengths.size() > 1) return false;
  const std::string_view text = lengths.front();
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  framing.length = length;
  return true;
}

bool read_transfer_encoding(const RequestHead& head, Framing& framing) {
  const auto encodings = head.values("transfer-encoding");
  if (encodings.empty()) return true;
  const bool is_old = !framing.keep_alive;  // HTTP/1.0 knows no chunks
  if (encodings.size() > 1 || framing.length || is_old) return false;
  framing.chunked = lower(encodings.front()) == "chunked";
  return framing.chunked;
}

bool wants_to_close(const RequestHead& head) {
  for (const std::string_view value : head.values("connection")) {
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (lower(without_blanks(rest.substr(0, comma))) == "close") return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

/// The status to refuse it with; 0 for none.
int read_framing(const RequestHead& head, Framing& framing) {
  const std::size_t hosts = head.values("host").size();
  const bool is_old = !framing.keep_alive;
  if (hosts > 1 || (hosts == 0 && !is_old)) return status::kBadRequest;
  if (!read_length(head, framing) || !read_transfer_encoding(head, framing))
    return status::kBadRequest;
  if (wants_to_close(head)) framing.keep_alive = false;
  if (!head.values("content-encoding").empty()) return status::kPackedBody;
  for (const std::string_view expectation : head.values("expect")) {
    if (lower(expectation) != "100-continue") return status::kExpectationFailed;
    framing.expects_continue = framing.has_body() && !is_old;
  }
  return 0;
}

}  // namespace

std::vector<std::string_view> RequestHead::values(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [header, value] : headers) {
    if (header == name) found.emplace_back(value);
  }
  return found;
}

bool is_header_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon != line.npos && is_token(line.substr(0, colon));
}

HeadEnd find_head_end(std::string_view bytes, std::size_t known) {
  for (std::size_t at = known; at < bytes.size(); ++at) {
    const char c = bytes[at];
    const bool after_return = at > 0 && bytes[at - 1] == '\r';
    if (after_return != (c == '\n')) return {HeadEnd::State::kBad};
    if (c == '\n') {
      if (at == 1) return {HeadEnd::State::kBad};  // an empty line instead of a request
      if (bytes.substr(0, at + 1).ends_with("\r\n\r\n")) return {HeadEnd::State::kWhole, at + 1};
    } else if (is_control(c) && c != '\r' && c != '\t') {
      return {HeadEnd::State::kBad};
    }
  }
  return {};
}

std::variant<CheckedHead, int> check_head(std::string_view raw, std::size_t most_headers) {
  const HeadEnd end = find_head_end(raw, 0);
  if (end.state != HeadEnd::State::kWhole || end.size != raw.size()) return status::kBadRequest;
  raw.remove_suffix(kLineEnd.size());
  CheckedHead checked;
  for (bool first = true; !raw.empty(); first = false) {
    const std::size_t size = raw.find(kLineEnd);
    const std::string_view line = raw.substr(0, size);
    raw.remove_prefix(size + kLineEnd.size());
    if (!first && checked.head.headers.size() == most_headers) return status::kHeadTooLarge;
    const bool good = first ? read_request_line(line, checked.head, checked.framing)
                            : read_header(line, checked.head);
    if (!good) return status::kBadRequest;
  }
  if (const int status = read_framing(checked.head, checked.framing)) return status;
  return checked;
}

}  // namespace source_sentry
