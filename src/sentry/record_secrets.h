#pragma once

#include <string>
#include <string_view>

#include "engine/stream_plan.h"

namespace source_sentry {

/// A project's or a client key's document with `"****"` in place of what lets somebody in or send
/// in a project's name: a key's `secret` and its part of the DSNs, a project's `securityToken` and
/// the same in its option `sentry:token`. Everything else stays byte by byte. `record` has been
/// checked by RecordSplitter.
std::string without_secrets(std::string_view record);

/// The mapper that does this to every record that comes out of `inner`, which may be empty.
RecordMapper mask_secrets(RecordMapper inner);

}  // namespace source_sentry
