#pragma once

#include <string>

#include "mapping/custom/custom_stream.h"

namespace source_sentry {

/// Throws ConnectorError, which begins with `place`, where a request may not have a header of that
/// name and value: those that belong to the connection or the body, Host and Cookie, and an
/// Authorization that is neither our own token nor a secret.
void check_header(const std::string& name, const Template& value, const CustomSources& sources,
                  const std::string& place);

}  // namespace source_sentry
