#pragma once

#include <string>

#include "app/usage/outline.h"

namespace source_sentry {

/// The manual page source-sentry(1), for man or groff: what the help says of the program, of every
/// command and flag, and the help's sections.
std::string man_page(const Outline& outline);

}  // namespace source_sentry
