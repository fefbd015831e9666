#include "http/http.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace source_sentry {
namespace {

/// Sentry's first release is from 2010; a common module of nginx sends 1970, and boards without a
/// battery start there too, or in 2000.
constexpr Instant kSentryBegan =
    std::chrono::sys_days(std::chrono::year{2010} / std::chrono::January / 1);

/// A clock may be set to the wrong year by mistake, ours as well as theirs; the server's counts.
constexpr Duration kFarAway = std::chrono::years(5);

/// How long a cache has kept the answer.
Duration age(const Response& response) {
  constexpr long kMost = 365L * 24 * 60 * 60;
  const std::string_view text = response.header("age").value_or("");
  long kept = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), kept);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return std::chrono::seconds(whole && kept >= 0 && kept <= kMost ? kept : 0);
}

}  // namespace

std::vector<std::string> with_own_headers(const std::vector<std::string>& usual,
                                          std::vector<std::string> own) {
  const auto name_of = [](std::string_view line) { return lower(line.substr(0, line.find(':'))); };
  const auto end = static_cast<std::ptrdiff_t>(own.size());
  for (const std::string& line : usual) {
    const bool is_replaced = std::any_of(own.begin(), own.begin() + end, [&](const auto& one) {
      return name_of(one) == name_of(line);
    });
    if (!is_replaced) own.push_back(line);
  }
  return own;
}

std::optional<std::string_view> Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string> Response::list_header(std::string_view name) const {
  std::optional<std::string> list;
  for (const auto& [key, value] : headers) {
    if (key == name) list = list ? *list + ", " + value : value;
  }
  return list;
}

std::optional<Instant> Response::server_time() const {
  std::optional<Instant> newest;
  for (const auto& [key, value] : headers) {
    if (key == "date") newest = std::max(newest, parse_http_date(value));
  }
  if (newest) *newest += age(*this);
  return newest && *newest >= kSentryBegan ? newest : std::nullopt;
}

void Response::distrust_date(Instant ours) {
  const auto theirs = server_time();
  if (!theirs || ours < kSentryBegan) return;
  if (*theirs > ours - kFarAway && *theirs < ours + kFarAway) return;
  std::erase_if(headers, [](const auto& field) { return field.first == "date"; });
}

void Response::clear() {
  problem = TransportProblem::kNone;
  problem_text.clear();
  local_error = 0;
  status = 0;
  headers.clear();
  body.clear();
}

}  // namespace source_sentry
