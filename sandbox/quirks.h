#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sandbox {

/// Behaviours of other or older servers that can be switched on.
enum class Quirk : std::uint8_t {
  kIgnoreWindow,
  kUnstableTies,
  kOldReleases,
  kEarlyOrgRoutes,
  kNoOrgIssues,
  kNoOrgProjects,
  kUncappedFull,
  kOldErrors,
  kNoLink,
  kProjectIdsOnly,
  kBrownouts,
  kNamesTie,
  kGlitchtip,
  kGlitchtipLink,
  kGlitchtipSorts,
};

struct QuirkSpec {
  Quirk quirk;
  std::string_view name;
  std::string_view description;
};

/// All quirks there are.
std::span<const QuirkSpec> quirk_table();

/// A server that has several quirks, under one name.
struct QuirkPreset {
  std::string_view name;
  std::string_view description;
  std::span<const Quirk> quirks;
};

std::span<const QuirkPreset> quirk_presets();

/// The quirks that a name of either table stands for; none at all for unknown names.
std::span<const Quirk> find_quirks(std::string_view name);

/// The quirks a sandbox runs with.
class Quirks {
 public:
  void add(std::span<const Quirk> quirks) {
    for (const Quirk quirk : quirks) bits_ |= bit(quirk);
  }
  bool has(Quirk quirk) const { return (bits_ & bit(quirk)) != 0; }

 private:
  static std::uint32_t bit(Quirk quirk) { return 1U << static_cast<std::uint32_t>(quirk); }

  std::uint32_t bits_ = 0;
};

}  // namespace sandbox
