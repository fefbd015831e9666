#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "live/server/http_server.h"

namespace source_sentry {

/// Where a request's head ends.
struct HeadEnd {
  enum class State {
    kMore,   ///< not yet
    kWhole,  ///< its first `size` bytes are the head, with its empty line
    kBad,    ///< no head can begin like this
  };
  State state = State::kMore;
  std::size_t size = 0;
};

/// Looks for the end of the head that `bytes` begin with; the first `known` of them were looked at
/// before. What no head may hold (NUL and other controls, a line feed or a carriage return alone)
/// is bad at once, so that nobody waits for the rest of it.
HeadEnd find_head_end(std::string_view bytes, std::size_t known);

/// What a head says of its body and of the connection.
struct Framing {
  std::optional<std::uint64_t> length{};  ///< Content-Length
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;  ///< the client waits for 100 before it sends its body

  bool has_body() const { return chunked || length.value_or(0) > 0; }
};

struct CheckedHead {
  RequestHead head;
  Framing framing;
};

/// Reads a whole head with its empty line; or the status of its refusal. Strict where others are
/// lenient: what two programs could understand differently is refused, so that a proxy and this
/// server cannot be played off against each other.
std::variant<CheckedHead, int> check_head(std::string_view raw, std::size_t most_headers);

/// Whether a line, without its end, is `Name: value`. A line that begins with a blank goes on with
/// the one before in old HTTP, and a blank before the colon is part of the name to some: neither
/// is.
bool is_header_line(std::string_view line);

}  // namespace source_sentry
