#pragma once

#include <string>
#include <string_view>

namespace sandbox {

/// Whether an Accept-Encoding header takes gzip.
bool accepts_gzip(std::string_view accept_encoding);

/// `text` compressed as the fronts of servers do it: fast rather than small.
std::string gzip(std::string_view text);

}  // namespace sandbox
