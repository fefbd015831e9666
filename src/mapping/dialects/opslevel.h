#pragma once

#include <string>
#include <vector>

#include "mapping/dialects/translation.h"

namespace source_sentry {

/// Translates OpsLevel's two definitions. Each extractor that polls becomes a custom stream of its
/// external_kind's name, each transform a mapped stream KIND_to_OPSLEVELKIND. Either text may hold
/// both, in several documents, and either may be empty. `streams`: the names of our own, of which a
/// transform may be, too. Throws ConnectorError: what is wrong, and where.
Translation translate_opslevel(const std::string& extract, const std::string& transform,
                               const std::vector<std::string>& streams);

}  // namespace source_sentry
