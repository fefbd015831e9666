#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/time.h"
#include "engine/state/known_rows.h"
#include "engine/state/partition.h"
#include "engine/state/written_ids.h"

namespace source_sentry {

/// The page to resume with inside a window that was read in part.
struct PagePosition {
  Instant window_end;
  std::string cursor;             ///< the server's cursor of the next page; may be empty
  std::optional<Instant> newest;  ///< newest record of the window's pages so far
  std::string route;              ///< name of the route that the cursor belongs to
  /// Where cursors are rows' numbers: all from there on is written, and what is older comes next,
  /// without a cursor.
  std::optional<Instant> unread_until{};

  /// This is not proven yet: rows up to `until` were counted before they were read, and so many of
  /// them must be left.
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
  std::optional<PagePosition> page;  ///< the window that starts there is written down to this page

  bool operator==(const Position&) const = default;
};

/// What is kept of a partition whose rows change while their cursor value stays, where such changes
/// are asked for: see RowMemory and Sweep.
struct Refresh {
  KnownRows rows{};
  std::optional<Instant> sweep_began{};  ///< when the last sweep began; not set: there was none
  /// One is under way: all rows created from this time on are done. kBeginningOfTime: all rows are,
  /// and what is left is to ask for those that it did not show.
  std::optional<Instant> sweep_down_to{};
  /// Where rows are known by their whole contents: the route that showed them. Another one may show
  /// fewer, which are not gone for that.
  std::string route{};

  bool operator==(const Refresh&) const = default;
};

/// What is kept of the visits of rows for their children, which a pass makes that may take several
/// runs: see VisitPass.
struct Visits {
  /// The server's time when the first run of the pass began; not set: none is under way.
  std::optional<Instant> began{};
  bool of_all = false;     ///< it visits every row, whatever the mark is
  std::uint64_t left = 0;  ///< rows that the last run did not come to
  /// Rows that were visited and that the next run will list again, each with a hash of its cursor
  /// value.
  KnownRows rows{};

  bool operator==(const Visits&) const = default;
};

/// The key in a state for the ids of written records.
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
  /// Where records are the children of others: all that came before is written, see ChildList.
  std::optional<Instant> children_until{};
  /// Answers are made from a part of what the server holds since then, so records may be missing;
  /// not set: the last ones were whole.
  std::optional<Instant> partial_since{};
  /// When the last pass began that visited every parent; not set: unknown.
  std::optional<Instant> all_visited{};
  std::optional<Visits> visits{};
  /// The mark is another partition's: this one was read up to it too, and its own newest record is
  /// older, as far as is known.
  bool shared = false;
  /// Number of the partition whose record moved the mark last, where several are read as one; empty
  /// if unknown. Not saved.
  std::string mark_of{};
  /// What the saved state is about, for people, if that is something else, so that nothing of it
  /// was used. Not saved.
  std::optional<std::string> foreign{};
  /// Ids of records that the next look back will list again, see LookBack.
  WrittenIds written{};
  /// The saved state's ids of them cannot be read. Not saved.
  bool written_damaged = false;

  /// What a stream's saved state says about a partition. Understands every form of state that the
  /// official connector wrote over its life, and ours. Throws a ConnectorError for a time that
  /// cannot be read.
  static Checkpoint read(const nlohmann::json& saved, const std::string& cursor_key,
                         const Partition& partition);

  nlohmann::ordered_json write(const std::string& cursor_key) const;

  /// Removes what cannot be true at `now`, the server's time: the traces of a clock that ran ahead.
  /// The mark comes down to `now`; how far something was looked through is forgotten, since the
  /// real extent is unknown, and doing it again loses nothing. Returns the latest of those times;
  /// nothing where all are plausible.
  std::optional<Instant> clamp(Instant now);

  /// Moves the high-water mark up to `newest`, never down. `of`: the partition that has it, where
  /// there are several.
  void advance(std::optional<Instant> newest, const std::string& of = {});

  /// Whether a run resumes from here at exactly the place where it resumes from `other`.
  bool is_at(const Checkpoint& other) const;

  /// Moves to where the batch has got in which the partition with that number is read.
  void follow(const Checkpoint& batch, const std::string& number);
};

/// Whether a full refresh left the stream's state in its middle, so that another one resumes there.
bool is_within_full_refresh(const nlohmann::json& saved);

/// The state of a stream without a cursor once it has been read to its end.
nlohmann::ordered_json state_without_cursor();

}  // namespace source_sentry
