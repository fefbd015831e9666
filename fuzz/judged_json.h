#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// What nlohmann's parser, the second opinion, makes of a text; nothing when it is not strict JSON.
/// Two kinds of text that RFC 8259 allows and that parser refuses are made harmless first, without
/// a change to grammar, nesting or order: lone surrogates (all surrogate escapes become an A) and
/// numbers past a double (long runs of digits are cut).
std::optional<nlohmann::json> judge_json(std::string_view text);

/// How many containers are open at the deepest place of a valid JSON text.
std::size_t nesting(std::string_view text);

}  // namespace source_sentry
