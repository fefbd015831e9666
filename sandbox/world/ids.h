#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sandbox/world/model.h"
#include "sandbox/world/random.h"

namespace sandbox {

/// Ids in Sentry's shapes. Project ids of sentry.io have 16 digits; every third here, and every
/// release id, is odd and beyond 2^53, so that a client reading numbers as doubles shows it.
std::uint64_t next_project_id(std::size_t index);
std::uint64_t next_issue_id(std::uint64_t previous);
std::uint64_t next_release_id(std::uint64_t previous);

/// `count` client keys for a project, the first made with it.
std::vector<ClientKey> make_keys(std::uint64_t seed, const Project& project, std::size_t count);

/// 32 random hexadecimal digits.
std::string random_hex(Dice& random);

}  // namespace sandbox
