#include "http/body/inflater.h"

#include <libdeflate.h>

#include <array>
#include <cstdint>
#include <new>
#include <optional>
#include <utility>

#include "http/body/piecewise_inflater.h"

namespace source_sentry {
namespace {

using Outcome = Inflater::Outcome;
using State = PiecewiseInflater::State;

/// RFC 1951 packs no better: 258 bytes take two bits at least.
constexpr std::size_t kMostPerByte = 1032;

/// What a gzip member states of its size at its end; nothing where that cannot be. It is the size
/// modulo 2^32, and the last member's alone.
std::optional<std::size_t> stated_size(std::string_view packed, std::size_t largest) {
  constexpr std::size_t kSmallest = 18;  // header and trailer
  if (packed.size() < kSmallest || !packed.starts_with("\x1f\x8b")) return std::nullopt;
  std::uint32_t size = 0;
  for (std::size_t i = 1; i <= sizeof size; ++i) {
    size = size << 8U | static_cast<unsigned char>(packed[packed.size() - i]);
  }
  if (size == 0 || size > largest || size / kMostPerByte > packed.size()) return std::nullopt;
  return size;
}

Inflater::Result result_of(const PiecewiseInflater& inflater) {
  switch (inflater.state()) {
    case State::kCutOff:
      return {Outcome::kBroken, "the compressed body is cut off"};
    case State::kDamaged:
      return {Outcome::kBroken, "the compressed body is damaged: " + inflater.why()};
    default:
      return {};
  }
}

/// Gives it that size. What it holds is of no use: it is neither copied nor kept beside the new.
void make_room(std::size_t size, std::string& body) {
  if (size > body.capacity()) std::string().swap(body);
  body.resize(size);
}

/// Its size, which is found out without keeping anything of it; or why it has none.
std::pair<std::size_t, Inflater::Result> measure(std::string_view packed, Coding coding,
                                                 std::size_t largest) {
  std::array<char, 32'768> piece;
  PiecewiseInflater inflater(packed, coding);
  std::size_t size = 0;
  while (inflater.state() == State::kMore) {
    size += inflater.read(piece.data(), piece.size());
    if (size > largest) return {size, {Outcome::kTooLarge}};
  }
  return {size, result_of(inflater)};
}

}  // namespace

Inflater::Inflater() : decompressor_(libdeflate_alloc_decompressor()) {
  if (!decompressor_) throw std::bad_alloc();
}

Inflater::~Inflater() = default;

void Inflater::Deleter::operator()(libdeflate_decompressor* decompressor) const {
  libdeflate_free_decompressor(decompressor);
}

Inflater::Result Inflater::inflate(std::string_view packed, Coding coding, std::size_t largest,
                                   std::string& body) {
  if (inflate_at_once(packed, largest, body)) return {};
  body.clear();
  auto [size, result] = measure(packed, coding, largest);
  if (result.outcome != Outcome::kWhole) return result;
  make_room(size, body);
  PiecewiseInflater(packed, coding).read(body.data(), size);
  return {};
}

bool Inflater::inflate_at_once(std::string_view packed, std::size_t largest, std::string& body) {
  const auto size = stated_size(packed, largest);
  if (!size) return false;
  make_room(*size, body);
  std::size_t taken = 0;
  std::size_t written = 0;
  return libdeflate_gzip_decompress_ex(decompressor_.get(), packed.data(), packed.size(),
                                       body.data(), *size, &taken,
                                       &written) == LIBDEFLATE_SUCCESS &&
         taken == packed.size() && written == *size;
}

Inflater::Result inflate_beginning(std::string_view packed, Coding coding, std::size_t most,
                                   std::string& body) {
  make_room(most, body);
  PiecewiseInflater inflater(packed, coding);
  body.resize(inflater.read(body.data(), most));
  if (inflater.state() == State::kDamaged) return result_of(inflater);
  return {};
}

}  // namespace source_sentry
