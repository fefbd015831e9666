#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace source_sentry {

/// How many containers may be open around a value.
inline constexpr std::size_t kMaxDepth = 1024;

/// Where a check failed; `what` is null when none did.
struct Fault {
  const char* what = nullptr;
  std::size_t offset = 0;
};

/// The token positions of a text, as simdjson's first stage leaves them, window by window: of every
/// bracket, colon and comma, and of the first byte of every string, number and literal. After a
/// window's last position comes the end of the whole text, where a zero byte stops every rule.
class Tokens {
 public:
  explicit Tokens(std::size_t window_bytes);
  ~Tokens();

  /// Begins at `from`, which must be outside strings. `text` ends in a zero byte.
  Fault begin(std::string_view text, std::size_t from);

  /// Whether another window follows.
  bool more() const { return end_ < text_.size(); }

  /// Moves to the next window.
  Fault load();

  const std::uint32_t* positions() const { return positions_; }
  std::string_view text() const { return text_; }
  const char* start() const { return text_.data() + start_; }  ///< positions count from there

 private:
  Fault index(std::size_t end);
  std::size_t likely_cut() const;
  std::size_t end_of_string(std::size_t at) const;

  std::size_t window_bytes_;
  std::string_view text_;
  std::size_t start_ = 0;  // of the window
  std::size_t end_ = 0;
  const std::uint32_t* positions_ = nullptr;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage_;
};

}  // namespace source_sentry
