#include "engine/state/written_ids.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "base/text.h"

namespace source_sentry {
namespace {

constexpr std::size_t kBytes = 8;

void append(std::uint64_t value, std::string& out) {
  for (std::size_t i = 0; i < kBytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kBytes; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  }
  return value;
}

std::uint64_t number_of(Instant cursor) {
  return static_cast<std::uint64_t>(cursor.time_since_epoch().count());
}

/// The size of so many ids in a state: `,"written":"..."`.
constexpr std::size_t length_of(std::size_t ids) {
  constexpr std::size_t kKey = 13;
  return ids == 0 ? 0 : kKey + 4 * ((kBytes * (ids + 1) + 2) / 3);
}
static_assert(length_of(WrittenIds::kMost) <= WrittenIds::kLongestText &&
              length_of(WrittenIds::kMost + 1) > WrittenIds::kLongestText);

}  // namespace

WrittenIds::Mark WrittenIds::mark_of(std::string_view id) { return fnv1a(id); }

bool WrittenIds::contain(Mark mark) const {
  return std::binary_search(saved_.begin(), saved_.end(), mark);
}

void WrittenIds::note(Mark mark, Instant when) { noted_.push_back({mark, when}); }

void WrittenIds::forget_before(Instant when) {
  std::erase_if(noted_, [&](const Noted& one) { return one.when < when; });
}

void WrittenIds::tidy() {
  if (noted_.empty()) return;
  std::sort(noted_.begin(), noted_.end(), [](const Noted& a, const Noted& b) {
    return a.mark != b.mark ? a.mark < b.mark : a.when > b.when;
  });
  const auto same = [](const Noted& a, const Noted& b) { return a.mark == b.mark; };
  noted_.erase(std::unique(noted_.begin(), noted_.end(), same), noted_.end());
  std::erase_if(saved_, [&](Mark mark) {
    const auto found = std::lower_bound(noted_.begin(), noted_.end(), mark,
                                        [](const Noted& a, Mark b) { return a.mark < b; });
    return found != noted_.end() && found->mark == mark;
  });
}

void WrittenIds::keep(std::size_t most) {
  if (size() <= most) return;
  // The times of those that came with a state are unknown; usually they are older.
  saved_.resize(std::min(saved_.size(), most - std::min(most, noted_.size())));
  keep_noted(most);
}

void WrittenIds::keep_noted(std::size_t most) {
  if (noted_.size() <= most) return;
  const auto end = noted_.begin() + static_cast<std::ptrdiff_t>(most);
  std::nth_element(noted_.begin(), end, noted_.end(), [](const Noted& a, const Noted& b) {
    return a.when != b.when ? a.when > b.when : a.mark < b.mark;
  });
  noted_.erase(end, noted_.end());
}

std::vector<WrittenIds::Mark> WrittenIds::marks() const {
  std::vector<Mark> all = saved_;
  for (const Noted& one : noted_) all.push_back(one.mark);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::string WrittenIds::text(Instant cursor) const {
  std::string bytes;
  const std::vector<Mark> all = marks();
  bytes.reserve(kBytes * (all.size() + 1));
  append(number_of(cursor), bytes);
  for (const Mark mark : all) append(mark, bytes);
  return base64_encode(bytes);
}

std::optional<WrittenIds> WrittenIds::parse(std::string_view text, Instant cursor) {
  const auto bytes = base64_decode(text);
  if (!bytes || bytes->empty() || bytes->size() % kBytes != 0) return std::nullopt;
  WrittenIds ids;
  for (std::size_t at = kBytes; at < bytes->size(); at += kBytes) {
    const Mark mark = number_at(*bytes, at);
    // Any other order is not what was written.
    if (!ids.saved_.empty() && mark <= ids.saved_.back()) return std::nullopt;
    ids.saved_.push_back(mark);
  }
  if (number_at(*bytes, 0) != number_of(cursor)) return WrittenIds();
  return ids;
}

std::size_t ids_in(std::string_view text) { return (3 * text.size() / 4 + kBytes - 1) / kBytes; }

std::vector<std::size_t> fair_shares(const std::vector<std::size_t>& sizes) {
  const auto length = [&](std::size_t share) {
    std::size_t sum = 0;
    for (const std::size_t size : sizes) sum += length_of(std::min(size, share));
    return sum;
  };
  std::size_t share = WrittenIds::kMost;
  if (length(share) > WrittenIds::kLongestText) {
    std::size_t too_much = share;
    share = 0;
    while (too_much - share > 1) {
      const std::size_t middle = share + (too_much - share) / 2;
      (length(middle) > WrittenIds::kLongestText ? too_much : share) = middle;
    }
  }
  std::vector<std::size_t> shares(sizes.size(), share);
  // The rest is not enough for one more each, but is for some.
  std::size_t left = WrittenIds::kLongestText - length(share);
  for (std::size_t i = 0; i < sizes.size() && share < WrittenIds::kMost; ++i) {
    const std::size_t more = length_of(share + 1) - length_of(share);
    if (sizes[i] <= share || more > left) continue;
    ++shares[i];
    left -= more;
  }
  return shares;
}

}  // namespace source_sentry
