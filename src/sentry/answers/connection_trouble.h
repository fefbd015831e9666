#pragma once

#include <string>

#include "engine/fetch/route.h"
#include "http/base_url.h"
#include "http/http.h"

namespace source_sentry {

/// What to say about a request that got no usable answer at all: whose fault it is, what to do.
std::string explain_trouble(const Response& response, const Route& route, const BaseUrl& host);

/// What to tell people where the proxy on the way wants a login, or a different one.
std::string explain_proxy_login(const BaseUrl& host);

}  // namespace source_sentry
