#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "mapping/custom/custom_stream.h"

namespace source_sentry {

/// One entry of `custom_streams`, without what depends on the others.
struct CustomEntry {
  CustomStream stream;
  std::string for_each;  ///< as written; empty: none
};

/// Reads it; `place` is what messages begin with. Throws Mistakes.
CustomEntry read_custom_entry(const nlohmann::ordered_json& entry, const std::string& place,
                              const CustomSources& sources);

}  // namespace source_sentry
