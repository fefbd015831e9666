#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sandbox {

/// splitmix64's finaliser. A bijection, so that what it scrambles can be found again (`unmix`).
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

namespace detail {

/// The inverse of an odd number modulo 2^64, by Newton's iteration: each round doubles the bits.
constexpr std::uint64_t inverse(std::uint64_t odd) {
  std::uint64_t guess = odd;
  for (int round = 0; round < 5; ++round) guess *= 2 - odd * guess;
  return guess;
}

constexpr std::uint64_t undo_shift(std::uint64_t x, int shift) {
  std::uint64_t result = x;
  for (int known = shift; known < 64; known += shift) result = x ^ (result >> shift);
  return result;
}

}  // namespace detail

/// What `mix` was given.
constexpr std::uint64_t unmix(std::uint64_t x) {
  x = detail::undo_shift(x, 31) * detail::inverse(0x94d049bb133111ebU);
  x = detail::undo_shift(x, 27) * detail::inverse(0xbf58476d1ce4e5b9U);
  return detail::undo_shift(x, 30);
}

static_assert(unmix(mix(0x0123456789abcdefU)) == 0x0123456789abcdefU);

/// One number drawn from two: the same pair always gives the same one.
constexpr std::uint64_t combine(std::uint64_t a, std::uint64_t b) {
  return mix(a ^ mix(b + 0x9e3779b97f4a7c15U));
}

/// FNV-1a, to tell one use of the seed from another by name.
constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

/// A stream of numbers that depends on nothing but what it was seeded with.
class Dice {
 public:
  constexpr explicit Dice(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    return mix(state_);
  }

  /// 0 .. bound-1; 0 for a bound of 0.
  constexpr std::uint32_t below(std::uint64_t bound) {
    if (bound == 0) return 0;
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }

  /// 0 .. 1, never 1.
  constexpr double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  constexpr bool chance(unsigned percent) { return below(100) < percent; }

  /// One element of an array or vector.
  template <typename Pool>
  constexpr const auto& pick(const Pool& pool) {
    return pool[below(pool.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace sandbox
