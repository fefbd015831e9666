#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sentry/streams/custom/custom_chain.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The custom streams of a configuration, with what there is to know of them.
struct CustomSpecs {
  std::vector<StreamSpec> specs;
  std::vector<std::string> places;  ///< of each, for messages
  std::vector<std::string> notes;   ///< one line each
};

/// Reads `entries`, see read_custom_streams. `table`: the rows among which parents are looked for.
/// Throws Mistakes.
CustomSpecs custom_specs(const nlohmann::ordered_json& entries,
                         const std::vector<std::string>& places, const Config& config,
                         const std::vector<StreamSpec>& table);

/// The stream whose records are those of `spec` as pushes, see opslevel_output.
StreamSpec pushing_spec(const StreamSpec& spec);

}  // namespace source_sentry
