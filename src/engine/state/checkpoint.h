#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/time.h"
#include "engine/state/known_rows.h"
#include "engine/state/partition.h"
#include "engine/state/written_ids.h"

namespace source_sentry {

/// The page to go on with inside a window that was read in part.
struct PagePosition {
  Instant window_end;
  std::string cursor;             ///< the server's cursor of the next page; may be empty
  std::optional<Instant> newest;  ///< newest record of the window's pages so far
  std::string route;              ///< name of the route that the cursor belongs to
  /// Where cursors are rows' numbers: all from there on is written, and what is older comes next,
  /// without a cursor.
  std::optional<Instant> unread_until{};

  /// That this is so was not proven yet: rows up to `until` were counted before they were read, and
  /// so many of them must be left.
  struct Counted {
    Instant until;
    std::uint64_t left = 0;
    bool operator==(const Counted&) const = default;
  };
  std::optional<Counted> counted{};

  bool operator==(const PagePosition&) const = default;
};

/// How far a run had come when it wrote its state. Only in states written in the middle of a run.
struct Position {
  bool full_refresh = false;         ///< the kind of run
  Instant read_until;                ///< everything older is written
  std::optional<PagePosition> page;  ///< the window that starts there is written down to here

  bool operator==(const Position&) const = default;
};

/// What is kept of a partition whose rows change while their cursor value stays, where such changes
/// are asked for: see RowMemory and Sweep.
struct Refresh {
  KnownRows rows;
  std::optional<Instant> sweep_began;  ///< when the last sweep began; not set: there was none
  /// That one is under way: of the rows created from here on, all are seen to. kBeginningOfTime:
  /// all there are, and what is left is to ask for those that it did not come by.
  std::optional<Instant> sweep_down_to;

  bool operator==(const Refresh&) const = default;
};

/// The key in a state under which the ids of written records stand.
inline constexpr const char* kWrittenKey = "written";

/// What is known to be written of one stream: the meaning of its STATE. The wire form is the
/// official connector's, `{"dateCreated": "2024-01-16T12:30:00.000000Z"}`, with one more key,
/// `position`, while a run is under way; docs/state.md describes it.
struct Checkpoint {
  std::optional<Instant> high_water;  ///< newest cursor value of all that is written
  std::optional<Position> position;
  /// Late records that were received before are written, see LateLook.
  std::optional<Instant> late_until;
  std::optional<Refresh> refresh;
  /// The mark is another partition's: this one was read up to it too, and its own newest record is
  /// older, as far as anybody knows.
  bool shared = false;
  /// Number of the partition whose record moved the mark last, where several are read as one; empty
  /// if unknown. Not saved.
  std::string mark_of{};
  /// What the saved state is of, for people, where that is something else, so that nothing of it
  /// was taken. Not saved.
  std::optional<std::string> foreign{};
  /// Ids of records that the next look back will list again, see LookBack.
  WrittenIds written{};
  /// That what the saved state says of them cannot be read. Not saved.
  bool written_damaged = false;

  /// What a stream's saved state says about a partition. Understands every form of state that the
  /// official connector wrote over its life, and ours. Throws a ConnectorError for a time that
  /// cannot be read.
  static Checkpoint read(const nlohmann::json& saved, const std::string& cursor_key,
                         const Partition& partition);

  nlohmann::ordered_json write(const std::string& cursor_key) const;

  /// Takes out what cannot be true at `now`, the server's time: what a clock that ran ahead has
  /// left. The mark comes down to `now`; what says how far something was looked through is
  /// forgotten, since nobody knows how far that really was, and to do it again loses nothing. Gives
  /// the latest of those times; nothing where all are true.
  std::optional<Instant> clamp(Instant now);

  /// Moves the high-water mark up to `newest`, never down. `of`: the partition that has it, where
  /// there are several.
  void advance(std::optional<Instant> newest, const std::string& of = {});

  /// Whether a run goes on from here at the very place where it goes on from `other`.
  bool is_at(const Checkpoint& other) const;

  /// Goes to where the batch has come that the partition with that number is read in.
  void follow(const Checkpoint& batch, const std::string& number);
};

/// The state of a stream without a cursor once it was read to its end.
nlohmann::ordered_json state_without_cursor();

}  // namespace source_sentry
