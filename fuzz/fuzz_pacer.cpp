// Any course of requests and answers through a Pacer. A line of the input is a step: `<ms since the
// last step> <what>`, where what is begin, abandon, `block <ms>` or `end <answer, | between
// lines>`.

#include <algorithm>
#include <charconv>

#include "answer_text.h"
#include "http/pacer.h"
#include "property.h"

namespace source_sentry {
namespace {

using std::chrono::milliseconds;

constexpr const char* kGroup = "issues";
constexpr Duration kLongestWait = std::chrono::hours(24) + milliseconds(20);
/// After a refusal that explains nothing, all groups keep a distance.
constexpr Duration kLongestGap = std::chrono::seconds(1);

std::string_view word(std::string_view& line) {
  const std::string_view first = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(first.size() + 1, line.size()));
  return first;
}

milliseconds span_of(std::string_view text) {
  constexpr long kMost = 100'000'000;
  long count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return milliseconds(std::clamp(count, 0L, kMost));
}

/// A server's first word on how many requests are left is kept to.
void check_first_answer(const Response& response, Instant now) {
  Pacer pacer;
  if (pacer.begin(kGroup, now) != Duration::zero()) std::abort();
  pacer.end(kGroup, response, now, now);
  const RateHeaders rate = read_rate_headers(response);
  if (response.status == 0 || !rate.remaining || !rate.reset_at) return;
  constexpr long kEnough = 200;
  long sent = 0;
  while (sent < kEnough && pacer.begin(kGroup, now) == Duration::zero()) ++sent;
  require(sent <= std::max(0L, *rate.remaining), "no more requests go than the server has left");
}

class Course {
 public:
  void step(std::string_view line) {
    now_ += span_of(word(line));
    const std::string_view what = word(line);
    if (what == "begin") {
      begin();
    } else if (what == "abandon") {
      under_way_ = std::max(0, under_way_ - 1);
      pacer_.abandon(kGroup, now_);
    } else if (what == "block") {
      const milliseconds span = span_of(line);
      longest_ = std::max<Duration>(longest_, span);
      pacer_.block(kGroup, span, now_);
      require(pacer_.wait_for(kGroup, now_) >= span, "a blocked group waits as long as it must");
    } else if (what == "end") {
      const Response response = answer_of(line, '|');
      under_way_ = std::max(0, under_way_ - 1);
      pacer_.end(kGroup, response, now_ - milliseconds(30), now_);
      check_first_answer(response, now_);
    }
    const auto concurrent = pacer_.concurrent(kGroup);
    require(!concurrent || *concurrent > 0, "one request at a time may always run");
    require(pacer_.wait_for("events", now_) <= kLongestGap, "a group waits for itself only");
  }

 private:
  void begin() {
    const Duration told = pacer_.wait_for(kGroup, now_);
    const Duration wait = pacer_.begin(kGroup, now_);
    require(wait == told, "asking first changes nothing");
    require(wait >= Duration::zero() && wait <= longest_, "a wait is a day at most");
    if (wait > Duration::zero()) {
      now_ += wait;
      // What is under way may be about to tell how long it really takes.
      const bool may_go = pacer_.begin(kGroup, now_) == Duration::zero();
      require(may_go || under_way_ > 0, "who has waited may go");
      if (!may_go) return;
    }
    ++under_way_;
  }

  Pacer pacer_{{{kGroup, {5, std::chrono::seconds(1), 2}}}, 0.5};
  Instant now_ = *parse_instant("2024-01-16T12:30:00Z");
  Duration longest_ = kLongestWait;
  int under_way_ = 0;
};

}  // namespace

void fuzz(std::string_view input) {
  Course course;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    course.step(line);
  }
}

}  // namespace source_sentry
