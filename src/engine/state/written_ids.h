#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace source_sentry {

/// The ids of records that were written and that a run which looks back will list again, each as 64
/// bits: FNV-1a of the whole id, without a seed. Part of an id would not do: ids that begin with
/// the time, or with zeros, have their first half in common. Among ten thousand ids two collide
/// once in 10^11 times, which would leave one of them out; to cause that, an attacker must know the
/// other's id before it is read.
class WrittenIds {
 public:
  using Mark = std::uint64_t;
  static Mark mark_of(std::string_view id);

  /// How many are kept at most: as many as fit into kLongestText, with the key before it.
  static constexpr std::size_t kMost = 6'141;

  /// The room for ids in a stream's state, keys included.
  static constexpr std::size_t kLongestText = 65'536;

  bool empty() const { return saved_.empty() && noted_.empty(); }
  /// Exact once it is `tidy`.
  std::size_t size() const { return saved_.size() + noted_.size(); }

  /// Whether an earlier run has written it.
  bool contain(Mark mark) const;
  bool has_saved() const { return !saved_.empty(); }

  /// That record is written, by this run or, as it turns out, by an earlier one. `when`: it is
  /// listed again as long as a look back reaches that far.
  void note(Mark mark, Instant when);

  /// Nothing older than that will be listed again.
  void forget_before(Instant when);

  /// What earlier runs have written and this one has not met is not listed any more.
  void forget_unmet() { saved_.clear(); }

  /// How many were noted in this run, repeats included; and keeps only so many, the newest first.
  std::size_t noted() const { return noted_.size(); }
  void keep_noted(std::size_t most);

  /// Keeps each once. What earlier runs have written and this one has met counts as this one's.
  void tidy();

  /// Keeps only so many of what is `tidy`, the newest first.
  void keep(std::size_t most);

  /// The compact text for a saved state: Base64 of numbers of eight bytes, the lowest first: the
  /// cursor value next to it, in microseconds, and then the marks, ascending.
  std::string text(Instant cursor) const;

  /// What such a text says next to `cursor`; nothing where it is invalid. A text that belongs to
  /// another value gives no ids: a user who has moved the cursor back wants to read what follows
  /// it.
  static std::optional<WrittenIds> parse(std::string_view text, Instant cursor);

  bool operator==(const WrittenIds& other) const { return marks() == other.marks(); }

 private:
  struct Noted {
    Mark mark;
    Instant when;
  };
  std::vector<Mark> marks() const;

  std::vector<Mark> saved_;   // ascending: what the state says
  std::vector<Noted> noted_;  // in this run
};

/// How many ids a text can hold at most, whatever is in it.
std::size_t ids_in(std::string_view text);

/// How many ids each partition of a stream may have in its state, where they have so many: those
/// that have many get the same number, so that the total is kLongestText at most.
std::vector<std::size_t> fair_shares(const std::vector<std::size_t>& sizes);

}  // namespace source_sentry
