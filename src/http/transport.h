#pragma once

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

}  // namespace source_sentry
