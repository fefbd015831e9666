#pragma once

#include <string_view>

namespace source_sentry {

/// The text of schemas/<name>.json as it was at build time; empty when there is none.
std::string_view embedded_schema(std::string_view name);

}  // namespace source_sentry
