#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// Gets each secret that is met in a record, as the record writes it.
using SecretListener = std::function<void(std::string_view)>;

/// A project's or a client key's document with `"****"` in place of what lets somebody in or send
/// in a project's name: a key's `secret` and its part of the DSNs, a project's `securityToken` and
/// the same in its option `sentry:token`. Everything else stays byte by byte. `record` has been
/// checked by RecordSplitter. Tells `found` what it masked; that may be empty.
std::string without_secrets(std::string_view record, const SecretListener& found = {});

/// The mapper that looks for secrets in every record that comes out of `inner`, which may be empty,
/// tells `found` of them, and masks them if `mask` says so.
RecordMapper watch_secrets(RecordMapper inner, bool mask, SecretListener found);

}  // namespace source_sentry
