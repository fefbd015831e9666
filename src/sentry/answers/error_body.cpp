#include "sentry/answers/error_body.h"

#include <cctype>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/json_member.h"
#include "base/text.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

Json parse_small(const std::string& body) {
  constexpr std::size_t kLargestErrorBody = 65'536;
  if (body.size() > kLargestErrorBody) return Json(Json::value_t::discarded);
  // Deeper nesting means nothing to people, and printing it may take more stack than we have.
  constexpr int kDeepest = 32;
  const auto is_near = [](int depth, Json::parse_event_t, Json&) { return depth <= kDeepest; };
  return Json::parse(body, is_near, false);
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) {
    for (const char* key : {"message", "detail", "code"}) {
      if (const Json* found = member(value, key); found != nullptr) return text_of(*found);
    }
  }
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string shown(std::string_view words) {
  constexpr std::size_t kMost = 300;
  return excerpt(words, kMost);
}

std::string error_detail(const Response& response) {
  if (response.body.empty() || is_web_page(response)) return {};
  const Json body = parse_small(response.body);
  if (body.is_discarded()) return shown(response.body);
  if (body.is_object()) {
    const auto error_id = body.find("errorId");
    std::string text = text_of(body.contains("detail") ? body["detail"] : body);
    if (error_id != body.end() && error_id->is_string()) {
      text += " (errorId " + error_id->get<std::string>() + ")";
    }
    return shown(text);
  }
  return shown(text_of(body));
}

std::string error_code(const Response& response) {
  const Json body = parse_small(response.body);
  const Json* detail = member(body, "detail");
  return detail == nullptr ? std::string() : text_member(*detail, "code");
}

bool is_about_feature(std::string_view detail) {
  constexpr std::string_view kWord = "feature";
  const std::string text = " " + lower(detail) + " ";
  const auto is_of_a_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '"';
  };
  for (std::size_t at = text.find(kWord); at != std::string::npos; at = text.find(kWord, at + 1)) {
    if (!is_of_a_name(text[at - 1]) && !is_of_a_name(text[at + kWord.size()])) return true;
  }
  return false;
}

bool is_web_page(const Response& response) {
  const std::size_t first = response.body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string::npos && response.body[first] == '<';
}

bool is_json(const Response& response) {
  constexpr std::string_view kBegins = "{[\"";
  const std::size_t first = response.body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string::npos && kBegins.find(response.body[first]) != kBegins.npos;
}

std::string moved_to_slug(const Response& response) {
  if (response.status < 300 || response.status >= 400) return {};
  // {"slug": "new", "detail": {"code": "resource-moved", "extra": {"url": "...", "slug": "new"}}}
  std::string slug = text_member(parse_small(response.body), "slug");
  // Sentry's slugs have at most 100 characters, and none that a terminal would obey.
  constexpr std::size_t kMost = 200;
  if (slug.size() > kMost || without_controls(slug) != slug) return {};
  return slug;
}

}  // namespace source_sentry
