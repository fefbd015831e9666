#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sandbox {

/// Behaviours of other or older servers that can be switched on.
enum class Quirk : std::uint8_t {
  kIgnoreWindow,
  kNoOrgIssues,
  kNoOrgProjects,
  kUncappedFull,
  kOldErrors,
  kNoLink,
  kProjectIdsOnly,
  kBrownouts,
};

struct QuirkSpec {
  Quirk quirk;
  std::string_view name;
  std::string_view description;
};

/// All quirks there are.
std::span<const QuirkSpec> quirk_table();

std::optional<Quirk> find_quirk(std::string_view name);

/// The quirks a sandbox runs with.
class Quirks {
 public:
  void add(Quirk quirk) { bits_ |= bit(quirk); }
  bool has(Quirk quirk) const { return (bits_ & bit(quirk)) != 0; }

 private:
  static std::uint32_t bit(Quirk quirk) { return 1U << static_cast<std::uint32_t>(quirk); }

  std::uint32_t bits_ = 0;
};

}  // namespace sandbox
