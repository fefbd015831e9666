#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// The rows that were written, by id, each with a fingerprint of the state it was in: what a later
/// run needs to tell which rows have changed, and which are gone. Of each row it also keeps whether
/// the listing under way, which may take several runs, has shown it. Made for tens of thousands of
/// rows: about ten bytes each in a saved state. A copy takes next to no memory until one of both
/// changes. Not thread-safe, and neither are copies of one, without a lock around all of them.
class KnownRows {
 public:
  /// How much of a fingerprint is kept: enough of it to see that a known row has changed, or all 64
  /// bits where the fingerprint stands for everything that a row holds.
  enum class Width : std::uint8_t { kHalf = 4, kWhole = 8 };

  KnownRows() = default;
  explicit KnownRows(Width width) : width_(width) {}

  Width width() const { return width_; }
  bool empty() const { return size() == 0; }
  std::size_t size() const { return rows().numbers.size() + rows().texts.size(); }

  /// Whether the row is known to be in exactly that state.
  bool knows(std::string_view id, std::uint64_t fingerprint) const;

  /// Whether the row is known, in whatever state it was.
  bool holds(std::string_view id) const { return find(id) != nullptr; }

  /// Remembers the row as one that was listed in that state. An empty id is not remembered.
  void remember(std::string_view id, std::uint64_t fingerprint);

  /// The row, if it is known, was listed.
  void mark_listed(std::string_view id);

  void forget(std::string_view id);

  /// From here on no row has been listed.
  void begin_listing();

  /// The rows that the listing has not shown, and one that it has.
  std::vector<std::string> unlisted() const;
  std::optional<std::string> any_listed() const;

  /// Forgets the rows that the listing has not shown.
  void forget_unlisted();

  /// The compact text for a saved state: bytes in Base64. The number of ids that are decimal
  /// numbers, and that of the others, as varints; then for each id that is a decimal number, in
  /// ascending order, the difference to the one before as a varint, and the fingerprint; for each
  /// other id its length, itself and the fingerprint. A fingerprint's lowest bit says `listed`.
  std::string text() const;

  /// Nothing when the text is not one that `text` gives for rows of that width.
  static std::optional<KnownRows> parse(std::string_view text, Width width = Width::kHalf);

  bool operator==(const KnownRows& other) const {
    return width_ == other.width_ && rows() == other.rows();
  }

 private:
  class Reader;
  /// Fingerprints, with the mark in the lowest bit. Nearly all ids are decimal numbers, which take
  /// half of the memory by themselves.
  struct Rows {
    std::map<std::uint64_t, std::uint64_t> numbers;
    std::map<std::string, std::uint64_t, std::less<>> texts;  // of other ids
    bool operator==(const Rows&) const = default;
  };
  std::uint64_t kept_of(std::uint64_t fingerprint) const;
  const Rows& rows() const;
  Rows& own();
  const std::uint64_t* find(std::string_view id) const;
  template <typename Take>
  void each(const Take& take) const;

  Width width_ = Width::kHalf;
  std::shared_ptr<Rows> rows_;  // null: none
};

}  // namespace source_sentry
