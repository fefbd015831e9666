// Any answer: its rate-limit headers, Retry-After, and the numbers in the text of a 429.

#include "answer_text.h"
#include "http/rate_headers.h"
#include "property.h"

namespace source_sentry {
namespace {

bool is_wait(Duration wait) { return wait > Duration::zero() && wait <= std::chrono::hours(24); }

/// Plain numbers of a few digits are read as what they are.
void check_number(const Response& response, std::string_view name, std::optional<long> read) {
  const auto text = response.header(name);
  if (!text || text->empty() || text->size() > 9) return;
  if (text->find_first_not_of("0123456789") != std::string_view::npos) return;
  const long value = std::stol(std::string(*text));
  require(value == 0 || read == value, "a number in a header is read");
}

void check_headers(const Response& response) {
  const RateHeaders rate = read_rate_headers(response);
  require(!rate.limit || *rate.limit > 0, "a limit is more than nothing");
  require(!rate.concurrent_limit || *rate.concurrent_limit > 0, "so is a concurrent limit");
  require(rate.reset_at.has_value() == rate.reset_in.has_value(), "both resets or none");
  if (rate.reset_in) {
    require(is_wait(*rate.reset_in), "a reset lies ahead, a day at most");
    require(*rate.reset_at - *rate.reset_in == response.server_time(), "it counts from the Date");
  }
  check_number(response, "x-sentry-rate-limit-limit", rate.limit);
  check_number(response, "x-sentry-rate-limit-remaining", rate.remaining);
  const auto wait = rate_limit_wait(response);
  require(!wait || is_wait(*wait), "a wait is more than nothing and a day at most");
  const bool used_up = !rate.remaining || *rate.remaining <= 0;
  require(!rate.reset_in || !used_up || wait == rate.reset_in,
          "the reset is the most exact source where the window is used up");
}

void check_text(const Response& response) {
  const auto limit = limit_in_text(response);
  if (!limit) return;
  require(response.status == 429, "only the text of a 429 counts");
  require(limit->requests > 0 && is_wait(limit->window), "a limit has two sensible numbers");
  const std::string requests = std::to_string(limit->requests);
  const std::string window =
      std::to_string(std::chrono::floor<std::chrono::seconds>(limit->window).count());
  require(response.body.find(requests) != std::string::npos, "the requests stand in the text");
  require(response.body.find(window) != std::string::npos, "the window stands in the text");
  Response again;
  again.status = 429;
  for (const std::string& text : {"Limit is " + requests + " requests in " + window + " seconds",
                                  "Limit is " + requests + "/" + window + "s"}) {
    again.body = text;
    const auto told = limit_in_text(again);
    require(told && told->requests == limit->requests && told->window == limit->window,
            "both wordings say the same");
  }
}

}  // namespace

void fuzz(std::string_view input) {
  const Response response = answer_of(input);
  check_headers(response);
  check_text(response);
}

}  // namespace source_sentry
