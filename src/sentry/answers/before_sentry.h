#pragma once

#include <string>

#include "engine/fetch/route.h"
#include "http/base_url.h"
#include "http/http.h"

namespace source_sentry {

/// What shows that a refusal is not Sentry's own but comes from something in front of it, for
/// people: "a web page", "it wants a login by Basic". Empty where it may well be Sentry's.
std::string sign_of_another(const Response& refusal);

/// What to tell people about such a refusal.
std::string explain_another(const Response& refusal, const std::string& sign, const Route& route,
                            const BaseUrl& host);

/// What to tell people about a redirect that is not a project's rename.
std::string explain_redirect(const Response& redirect, const Route& route, const BaseUrl& host);

}  // namespace source_sentry
