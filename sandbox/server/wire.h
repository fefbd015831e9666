#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/api/answer.h"
#include "sandbox/server/faults.h"
#include "sandbox/world/model.h"

namespace sandbox {

/// What goes onto the wire.
struct Outgoing {
  int status = 200;
  Headers headers;
  std::string content_type;
  std::string body;
  std::size_t sent = 0;         ///< how much of the body really goes out before the connection ends
  int drip_ms = 0;              ///< pause between pieces; 0 sends all at once
  bool close_before = false;    ///< no byte at all
  bool trailer = false;         ///< the body in chunks, with fields behind them
  std::shared_ptr<void> lease;  ///< held until all is sent
};

/// Sets a header, in place of one whose name differs at most in case.
void set_header(Headers& headers, const std::string& name, const std::string& value);

/// Gives an answer the headers all have, compresses it when that is `compressible`, and lets a
/// fault meddle with it.
Outgoing put_on_wire(Answer answer, Instant now, bool compressible,
                     const std::optional<Fault>& fault);

}  // namespace sandbox
