#include "live/server/answer_text.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "live/server/status.h"

namespace source_sentry {
namespace {

constexpr std::pair<int, std::string_view> kNames[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

std::string_view name_of(int status) {
  for (const auto& [number, name] : kNames) {
    if (number == status) return name;
  }
  return "Unknown";
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

void add_header(std::string& wire, std::string_view name, std::string_view value) {
  if (name.empty() || has_control(name) || has_control(value)) return;
  wire.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string to_wire(const HttpAnswer& answer, bool with_body, bool keep_alive) {
  const bool may_have_body = answer.status != status::kNoContent;
  std::string wire = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  wire.append(name_of(answer.status)).append("\r\n");
  if (may_have_body) {
    add_header(wire, "Content-Length", std::to_string(answer.body.size()));
    if (!answer.body.empty()) add_header(wire, "Content-Type", answer.content_type);
  }
  for (const auto& [name, value] : answer.headers) add_header(wire, name, value);
  if (!keep_alive) add_header(wire, "Connection", "close");
  wire += "\r\n";
  if (with_body && may_have_body) wire += answer.body;
  return wire;
}

HttpAnswer plain_answer(int status) {
  return {.status = status, .body = std::string(name_of(status)) + "\n"};
}

}  // namespace source_sentry
