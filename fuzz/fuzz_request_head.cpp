// Any bytes as the head of a request, and as a body in chunks: what is taken has one meaning.

#include <algorithm>
#include <string>

#include "base/text.h"
#include "live/server/request_body.h"
#include "live/server/request_head.h"
#include "property.h"

namespace source_sentry {
namespace {

constexpr std::size_t kMostHeaders = 64;
constexpr std::size_t kMostBody = 1'000;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The head as the reader understands it, in the plainest form.
std::string written(const CheckedHead& checked) {
  const RequestHead& head = checked.head;
  std::string text = head.method + " " + head.path;
  if (!head.query.empty()) text += "?" + head.query;
  text += head.values("host").empty() ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
  for (const auto& [name, value] : head.headers) text += name + ": " + value + "\r\n";
  return text + "\r\n";
}

void check_taken(const CheckedHead& checked) {
  const auto& [head, framing] = checked;
  require(head.headers.size() <= kMostHeaders, "there are not too many headers");
  require(head.path.starts_with('/'), "a path begins with a slash");
  require(is_plain(head.method) && is_plain(head.path + head.query), "the first line is plain");
  require(!framing.length || !framing.chunked, "a body has one length");
  require(head.values("content-length").size() <= 1, "it is said once");
  require(head.values("transfer-encoding").size() <= 1, "and so are chunks");
  require(framing.chunked == !head.values("transfer-encoding").empty(), "chunks are asked for");
  require(head.values("content-encoding").empty(), "bodies are not packed");
  for (const auto& [name, value] : head.headers) {
    require(is_plain(name) && !has(name, ":") && name == lower(name), "names are tokens");
    require(!has(value, "\r") && !has(value, "\n") && !has(value, std::string_view("\0", 1)),
            "a value is in one line");
    require(value.empty() || (value.front() != ' ' && value.back() != ' '), "blanks are cut");
  }
  const auto again = check_head(written(checked), kMostHeaders);
  const auto* const same = std::get_if<CheckedHead>(&again);
  require(same != nullptr && same->head.headers == head.headers && same->head.path == head.path,
          "a head survives its plainest form");
  require(same->framing.length == framing.length && same->framing.chunked == framing.chunked,
          "and its body is as long");
}

void check_head_bytes(std::string_view input) {
  const HeadEnd end = find_head_end(input, 0);
  for (std::size_t known = 0; known < std::min<std::size_t>(input.size(), 64); ++known) {
    if (find_head_end(input.substr(0, known), 0).state != HeadEnd::State::kMore) break;
    const HeadEnd later = find_head_end(input, known);
    require(later.state == end.state && later.size == end.size,
            "where a head ends does not depend on how it came");
  }
  if (end.state != HeadEnd::State::kWhole) return;
  require(end.size <= input.size(), "a head is a part of what came");
  const std::string_view raw = input.substr(0, end.size);
  require(raw.find("\r\n\r\n") + 4 == raw.size(), "it ends with its first empty line");
  const auto checked = check_head(raw, kMostHeaders);
  if (const auto* const taken = std::get_if<CheckedHead>(&checked)) check_taken(*taken);
}

void check_chunks(std::string_view input) {
  RequestBody whole({.chunked = true}, kMostBody);
  const std::size_t taken = whole.put(input);
  require(taken <= input.size() && whole.text().size() <= kMostBody, "a body has its limit");
  require(taken == input.size() || whole.state() != RequestBody::State::kMore,
          "what goes on takes all there is");
  RequestBody dripped({.chunked = true}, kMostBody);
  std::size_t drops = 0;
  while (drops < input.size() && dripped.state() == RequestBody::State::kMore) {
    drops += dripped.put(input.substr(drops, 1));
  }
  require(drops == taken && dripped.state() == whole.state() && dripped.text() == whole.text(),
          "a body does not depend on how it came");
}

}  // namespace

void fuzz(std::string_view input) {
  check_head_bytes(input);
  check_chunks(input);
}

}  // namespace source_sentry
