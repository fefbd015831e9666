#include "live/server/request_body.h"

#include <algorithm>
#include <charconv>

namespace source_sentry {
namespace {

// More than any client sends: a length in sixteen digits with its extensions, and a few trailers.
constexpr std::size_t kLongestLine = 1024;
constexpr std::size_t kMostTrailers = 16;

bool is_plain(char c) { return (c >= ' ' && c != '\x7f') || c == '\t' || c < '\0'; }

}  // namespace

RequestBody::RequestBody(const Framing& framing, std::size_t most) : most_(most) {
  left_ = framing.length.value_or(0);
  if (framing.chunked) {
    part_ = Part::kChunkLine;
  } else if (left_ > most) {
    state_ = State::kTooLarge;
  } else if (left_ == 0) {
    state_ = State::kWhole;
  }
}

std::size_t RequestBody::put(std::string_view bytes) {
  std::size_t taken = 0;
  while (state_ == State::kMore && taken < bytes.size()) {
    const std::string_view rest = bytes.substr(taken);
    const bool are_bytes = part_ == Part::kBytes || part_ == Part::kChunk;
    taken += are_bytes ? put_bytes(rest) : put_line(rest);
  }
  return taken;
}

std::size_t RequestBody::put_bytes(std::string_view bytes) {
  const std::size_t size = std::min<std::uint64_t>(left_, bytes.size());
  text_.append(bytes.substr(0, size));
  left_ -= size;
  if (left_ > 0) return size;
  if (part_ == Part::kBytes) {
    state_ = State::kWhole;
  } else {
    part_ = Part::kChunkEnd;
  }
  return size;
}

/// Lines end with both characters, and neither is in one.
std::size_t RequestBody::put_line(std::string_view bytes) {
  std::size_t taken = 0;
  for (const char c : bytes) {
    ++taken;
    const bool after_return = line_.ends_with('\r');
    if (after_return != (c == '\n') || line_.size() == kLongestLine ||
        !(is_plain(c) || c == '\r' || c == '\n')) {
      state_ = State::kBad;
      return taken;
    }
    if (c != '\n') {
      line_ += c;
      continue;
    }
    line_.pop_back();
    on_line(line_);
    line_.clear();
    return taken;
  }
  return taken;
}

void RequestBody::on_line(std::string_view line) {
  if (part_ == Part::kChunkLine) return on_chunk_line(line);
  if (part_ == Part::kChunkEnd) {
    if (!line.empty()) state_ = State::kBad;
    part_ = Part::kChunkLine;
    return;
  }
  // Trailers are thrown away; their form is that of headers.
  if (line.empty()) {
    state_ = State::kWhole;
  } else if (!is_header_line(line) || ++trailers_ > kMostTrailers) {
    state_ = State::kBad;
  }
}

void RequestBody::on_chunk_line(std::string_view line) {
  constexpr int kHex = 16;
  const std::string_view digits = line.substr(0, line.find(';'));
  const char* const digits_end = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), digits_end, left_, kHex);
  if (error != std::errc() || end != digits_end || digits.starts_with('-')) {
    state_ = State::kBad;
  } else if (left_ > most_ - text_.size()) {
    state_ = State::kTooLarge;
  } else {
    part_ = left_ > 0 ? Part::kChunk : Part::kTrailer;
  }
}

}  // namespace source_sentry
