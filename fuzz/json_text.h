#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "property.h"

namespace source_sentry {

/// The document that a file with this text holds; nothing when it is no JSON, which is another
/// place's business.
inline std::optional<nlohmann::json> document_of(std::string_view text) {
  nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (document.is_discarded()) return std::nullopt;
  return document;
}

/// What `read` makes of a document, or nothing when it refuses it in the way that callers expect: a
/// ConnectorError of the configuration, whose message begins with `prefix` and ends a sentence. Any
/// other exception ends the run.
template <typename Read>
auto unless_refused(std::string_view prefix, Read read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const ConnectorError& error) {
    require(error.kind() == FailureKind::kConfig, "a bad document is the user's to mend");
    require(error.message().starts_with(prefix), "a refusal says what is refused");
    require(error.message().ends_with('.'), "a refusal is made of sentences");
    return std::nullopt;
  }
}

}  // namespace source_sentry
