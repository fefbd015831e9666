#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mapping/jq/jq_tokens.h"

namespace source_sentry {

/// The members of its input that an expression can look at, by their keys; nothing where that is
/// not certain, and it must be given all. So jq is not made to parse what no expression needs,
/// which is most of an event.
///
/// It is certain where each term that is evaluated on the input itself is a path that begins with a
/// key, a literal, or a text, list or condition made of such. Behind the first `|` jq works on
/// their values. `tokens`: as jq 1.6 takes them.
std::optional<std::vector<std::string>> needed_members(const std::vector<JqToken>& tokens);

}  // namespace source_sentry
