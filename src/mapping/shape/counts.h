#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// How often one expression of a mapped stream was asked, and how often that failed.
struct MappingCount {
  enum class Kind {
    kLeaf,      ///< null stands for what failed
    kSelector,  ///< the record is left out: the expression failed or gave no boolean
    kRecord,    ///< the record is left out: what the expression gave is of no use
    kKey,       ///< the record is left out: it has no key
    kRemark     ///< the record goes out all the same, but its destination may refuse it
  };
  std::string name;  ///< "select", "map.days"
  Kind kind = Kind::kLeaf;
  std::uint64_t asked = 0;
  std::uint64_t failed = 0;
  std::string first;  ///< the first failure: which record, and what went wrong
};

/// What one thread's shaper did. Plain data, to be added up over the shapers of a stream.
struct MappingCounts {
  std::vector<MappingCount> expressions;  ///< those of the same stream are in the same order
  std::uint64_t records = 0;              ///< that came in
  std::uint64_t selected = 0;  ///< rows for which select held: records, or items where they expand
  std::uint64_t written = 0;   ///< that went out
  std::uint64_t left_out = 0;  ///< since select, items or map failed
  bool leaves_may_fail = false;  ///< leaves that never work are no error of the stream

  void add(const MappingCounts& others);

  /// One line for each expression that failed: "open_issues, map.team: null for 37 of 1,200
  /// records. First: issue 77001: Cannot index string with string "name"."
  std::vector<std::string> warnings(const std::string& stream) const;

  /// Why the stream must fail, as one of its expressions failed every time: known after kEnough
  /// records, and of what leaves records out also `at_end`.
  std::optional<std::string> never_works(const std::string& stream, bool at_end) const;

  /// Whether there were records and none was selected, though select told of some that they are
  /// not.
  bool none_selected() const;

  static constexpr std::uint64_t kEnough = 20;
};

/// "1,200"
std::string with_commas(std::uint64_t number);

}  // namespace source_sentry
