#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

/// What a release's version says when it has the form `package@1.2.3+build`.
struct SemanticVersion {
  std::string package;
  std::vector<std::uint32_t> numbers;  ///< three; none when the version is not of that form
  std::string build;
};
SemanticVersion parse_version(std::string_view version);

/// Whether a version is the id of a commit.
bool is_sha(std::string_view version);

/// The version as lists show it: commits are cut to twelve digits.
std::string short_version(std::string_view version);

}  // namespace sandbox
