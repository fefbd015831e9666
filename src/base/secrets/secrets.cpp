#include "base/secrets/secrets.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/percent.h"
#include "base/secrets/readings.h"
#include "base/text.h"

namespace source_sentry {
namespace {

constexpr std::size_t kShortest = 3;
/// How others mark the place where they cut a text.
constexpr std::array<std::string_view, 2> kCuts = {kCut, "\u2026"};
constexpr std::string_view kMask = "****";
/// At most this lies between a secret's last whole byte and a cut: the begun escape of the next.
constexpr std::size_t kMostBegun = 12;

/// JSON may write it this way, and PHP does.
std::string with_escaped_slashes(std::string text) {
  for (std::size_t at = 0; (at = text.find('/', at)) != std::string::npos; at += 2) {
    text.insert(at, 1, '\\');
  }
  return text;
}

std::size_t first_two(const char* text) {
  return static_cast<std::size_t>(static_cast<unsigned char>(text[0])) << 8 |
         static_cast<unsigned char>(text[1]);
}

}  // namespace

/// Places of a text that must not be shown.
class Secrets::Marks {
 public:
  void add(std::size_t from, std::size_t to) { marks_.emplace_back(from, to); }

  std::string hide_in(std::string_view text) {
    std::sort(marks_.begin(), marks_.end());
    std::string clean;
    std::size_t shown = 0;
    for (auto mark = marks_.begin(); mark != marks_.end();) {
      const std::size_t from = mark->first;
      std::size_t to = mark->second;
      for (++mark; mark != marks_.end() && mark->first < to; ++mark)
        to = std::max(to, mark->second);
      clean.append(text.substr(shown, from - shown)).append(kMask);
      shown = to;
    }
    return clean.append(text.substr(shown));
  }

 private:
  std::vector<std::pair<std::size_t, std::size_t>> marks_;
};

void Secrets::add(std::string_view secret) {
  if (secret.size() < kShortest) return;
  // Some write an escape's digits, or a whole token, in the other case.
  const std::string small = lower(secret);
  // These are found without escapes too, except after half an escape.
  insert(small);
  insert(lower(percent_encode(secret)));
  insert(with_escaped_slashes(small));
  // Its form without any white space, and with letters and digits only.
  std::string dense(secret);
  std::erase_if(dense, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
  if (dense.size() < secret.size() && dense.size() >= kShortestJoined) add(dense);
  std::string letters = small;
  std::erase_if(letters, [](char c) { return !is_letter_or_digit(c); });
  if (letters.size() >= kShortestOfLetters) insert(letters);
}

void Secrets::insert(const std::string& form) {
  secrets_.insert(form);
  lengths_.insert(form.size());
  beginnings_.set(first_two(form.data()));
}

void Secrets::add_login_of(std::string_view url) {
  const std::size_t at = url.rfind('@');
  if (at == std::string_view::npos) return;
  const std::size_t mark = url.find("://");
  const std::size_t begin = mark < at ? mark + 3 : 0;
  const std::string_view login = url.substr(begin, at - begin);
  add(login);
  if (const std::size_t colon = login.find(':'); colon != std::string_view::npos) {
    const std::string_view password = login.substr(colon + 1);
    add(password);
    add(percent_decode(password));
  }
}

bool Secrets::may_begin(const char* two) const { return beginnings_.test(first_two(two)); }

void Secrets::find(const Reading& reading, Marks& marks) const {
  const std::string_view text = reading.text;
  for (std::size_t at = 0; at + kShortest <= text.size(); ++at) {
    if (!may_begin(text.data() + at)) continue;
    for (auto length = lengths_.lower_bound(reading.shortest); length != lengths_.end(); ++length) {
      if (at + *length > text.size()) break;
      if (!secrets_.contains(text.substr(at, *length))) continue;
      marks.add(reading.from[at], reading.to[at + *length - 1]);
    }
  }
}

/// Where the longest beginning of a secret that a cut has left over begins.
std::optional<std::size_t> Secrets::begun_before(const Reading& reading, std::size_t cut) const {
  const auto behind = std::upper_bound(reading.to.begin(), reading.to.end(), cut);
  const auto end = static_cast<std::size_t>(behind - reading.to.begin());
  if (end == 0 || cut - reading.to[end - 1] > kMostBegun) return std::nullopt;
  const std::string_view text = std::string_view(reading.text).substr(0, end);
  for (std::size_t length = std::min(end, *lengths_.rbegin() - 1); length >= reading.shortest;
       --length) {
    const std::string_view begun = text.substr(end - length);
    if (!may_begin(begun.data())) continue;
    const auto secret = secrets_.lower_bound(begun);
    if (secret != secrets_.end() && secret->starts_with(begun)) return reading.from[end - length];
  }
  return std::nullopt;
}

/// Of the text from `begin` to a cut.
void Secrets::find_begun(const Reading& reading, std::size_t begin, std::size_t cut,
                         Marks& marks) const {
  for (std::size_t end = cut; end > begin;) {
    const auto begun = begun_before(reading, end);
    if (!begun) return;
    marks.add(*begun, cut);
    // Where signs do not count, masks do not either: what is before one would be found next.
    if (reading.shortest < kShortestJoined) return;
    end = *begun;
  }
}

std::string Secrets::redact(std::string_view text) const {
  std::string shown(text);
  if (secrets_.empty()) return shown;
  // What is next to a mask may read as the beginning of another secret.
  constexpr int kMostPasses = 16;
  for (int pass = 0; pass < kMostPasses; ++pass) {
    std::string hidden = redact_once(shown);
    if (hidden == shown) return shown;
    shown = std::move(hidden);
  }
  // Made up of secrets and masks: what is not known to be clean is not shown.
  return std::string(kMask);
}

std::string Secrets::redact_once(std::string_view text) const {
  Marks marks;
  for (Reading& reading : readings_of(text)) {
    reading.text = lower(reading.text);
    find(reading, marks);
    for (const std::string_view mark : kCuts) {
      // The text may have ended in a dot of its own.
      std::size_t begin = 0;
      for (std::size_t cut = text.find(mark); cut != std::string_view::npos;
           cut = text.find(mark, cut + 1)) {
        find_begun(reading, begin, cut, marks);
        begin = cut;
      }
    }
  }
  return marks.hide_in(text);
}

}  // namespace source_sentry
