#pragma once

#include <string>

namespace sandbox {

/// Cuts the open connection that comes from this address and port, so that no byte of an answer
/// leaves: cpp-httplib lets a handler answer in any way but not not at all.
void cut_connection(const std::string& address, int port);

/// Cuts all open connections: idle ones would keep the server from stopping for a minute.
void cut_all_connections();

}  // namespace sandbox
