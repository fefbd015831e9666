#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace source_sentry {

/// The value of a scalar without quotes, by the core schema of YAML 1.2 (section 10.3.2): null,
/// booleans, integers and floats; anything else is text. An integer that 64 bits do not hold, and
/// a float that JSON cannot write (.inf), stay texts.
nlohmann::ordered_json plain_scalar(const std::string& text);

}  // namespace source_sentry
