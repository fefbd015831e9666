#include "http/body/incoming_body.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace source_sentry {
namespace {

/// As much as is looked at of an answer that refuses.
constexpr std::size_t kLargestRefusal = std::size_t{64} << 10;

/// What is allocated for a mere claim, and what is kept of a packed body's memory.
constexpr std::size_t kMostUnseen = std::size_t{4} << 20;

/// A body of `largest` bytes may take a little more than that if it cannot be packed.
std::size_t largest_packed(std::size_t largest) { return largest + largest / 1024 + 1024; }

}  // namespace

void IncomingBody::begin(std::size_t largest, std::string& used) {
  if (used.capacity() > page_.capacity()) page_.swap(used);
  packed_.clear();
  codings_ = {};
  largest_ = largest;
  open_ = false;
  refuses_ = false;
  enough_ = false;
  trouble_ = Trouble::kNone;
  why_.clear();
}

void IncomingBody::open(const Head& head) {
  open_ = true;
  refuses_ = head.refuses;
  codings_ = parse_codings(head.codings);
  const std::size_t announced = std::min({head.announced, kMostUnseen, largest_});
  if (!codings_.unknown.empty()) {
    constexpr std::size_t kShown = 40;
    fail(Trouble::kUnknownCoding, "Content-Encoding: " + excerpt(codings_.unknown, kShown));
  } else if (!codings_.applied.empty()) {
    packed_.reserve(announced);
  } else {
    page_.clear();
    page_.reserve(announced);
  }
}

std::size_t IncomingBody::take(std::string_view bytes) {
  if (trouble_ != Trouble::kNone) return 0;
  const bool is_packed = !codings_.applied.empty();
  std::string& taken = is_packed ? packed_ : page_;
  if (refuses_ && taken.size() + bytes.size() > kLargestRefusal) {
    enough_ = true;
    bytes = bytes.substr(0, kLargestRefusal - taken.size());
  } else if (taken.size() + bytes.size() > (is_packed ? largest_packed(largest_) : largest_)) {
    fail(Trouble::kTooLarge, {});
    return 0;
  }
  taken.append(bytes);
  return bytes.size();
}

IncomingBody::Trouble IncomingBody::finish(bool whole, std::string& body) {
  body.clear();
  if (!open_) return trouble_;
  if (!codings_.applied.empty()) {
    if (!whole || trouble_ != Trouble::kNone || unpack() != Trouble::kNone) page_.clear();
    if (packed_.capacity() > kMostUnseen) std::string().swap(packed_);
  }
  body.swap(page_);
  return trouble_;
}

void IncomingBody::release() {
  std::string().swap(page_);
  std::string().swap(packed_);
}

IncomingBody::Trouble IncomingBody::unpack() {
  if (packed_.empty()) {  // some put a Content-Encoding on an answer without a body
    page_.clear();
    return Trouble::kNone;
  }
  for (std::size_t left = codings_.applied.size(); left > 0; --left) {
    std::string between;
    std::string& unpacked = left > 1 ? between : page_;
    const Coding coding = codings_.applied[left - 1];
    const std::size_t most = left > 1 ? largest_packed(largest_) : largest_;
    const Inflater::Result result =
        refuses_ ? inflate_beginning(packed_, coding, kLargestRefusal, unpacked)
                 : inflater_.inflate(packed_, coding, most, unpacked);
    if (result.outcome == Inflater::Outcome::kTooLarge) fail(Trouble::kTooLarge, {});
    if (result.outcome == Inflater::Outcome::kBroken) fail(Trouble::kBroken, result.why);
    if (trouble_ != Trouble::kNone) break;
    if (left > 1) packed_.swap(between);
  }
  return trouble_;
}

void IncomingBody::fail(Trouble trouble, std::string why) {
  trouble_ = trouble;
  why_ = trouble == Trouble::kTooLarge ? "larger than " + std::to_string(largest_) + " bytes"
                                       : std::move(why);
}

}  // namespace source_sentry
