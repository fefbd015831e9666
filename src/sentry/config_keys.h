#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/secrets/secrets.h"

namespace source_sentry {

/// A key that a configuration may have, as schemas/spec.json describes it.
struct ConfigKey {
  std::string name;
  std::string type;           ///< of JSON schema: "string", "integer"
  std::string of;             ///< of a list's entries, the same; empty for others
  std::string default_value;  ///< as text; empty where there is none
};

/// All of them, in the order of the form.
const std::vector<ConfigKey>& config_keys();

/// What to tell people about keys that the spec does not know, such as mistyped ones; nothing where
/// there is none.
std::optional<std::string> unknown_keys(const nlohmann::json& document);

/// The same for those that are one letter from a key that it knows and are surely meant as that:
/// whole sentences.
std::optional<std::string> mistyped_keys(const nlohmann::json& document);

/// The texts of a configuration, valid or not, that must never be printed: what the spec marks as
/// `airbyte_secret`, and the login in any address.
Secrets secrets_of(const nlohmann::json& document);

}  // namespace source_sentry
