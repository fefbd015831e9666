#pragma once

#include <string_view>

#include "base/time.h"
#include "http/body/incoming_body.h"
#include "http/http.h"
#include "http/proxy.h"

namespace source_sentry {

/// Whose failure it is where a proxy is in between. `https`: the server is reached by TLS, and so
/// through a tunnel. `through`: the proxy has let us through to the server.
TransportProblem blame(TransportProblem problem, const Proxy& proxy, bool https, bool through);

/// The errno for which this machine itself opens no connection, whatever the peer; 0 where it is
/// not at fault. `opening`: of the socket; `connecting`: of its last address.
int local_error(TransportProblem problem, int opening, long connecting);

bool is_the_proxys(TransportProblem problem);

/// What a body's trouble means; kNone where it has none.
TransportProblem problem_of(IncomingBody::Trouble trouble);

/// Rounded up: what libcurl counts in whole seconds.
long whole_seconds(Duration span);

/// Whether a line of a header continues the field of the line before it (RFC 9112, 5.2).
bool is_folded(std::string_view line);

/// Adds a line of the header to the answer's; its first line removes what a proxy sent, or a 100.
void add_header_line(std::string_view line, Response& answer);

}  // namespace source_sentry
