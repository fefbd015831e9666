#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/plan/record_transform.h"

namespace source_sentry {

/// Receives each secret found in a record, as written there.
using SecretListener = std::function<void(std::string_view)>;

/// A record with `"****"` in place of what gives access or can send in a project's name: a key's
/// `secret` and its part of the DSNs, a project's `securityToken` and the same in its option
/// `sentry:token`, a hook's `secret`, an app's `clientSecret` and `webhookHeaders`, an
/// installation's `code`, the values of the `headers` of uptime checks, an API key's `key`, what an
/// integration's `configData`, or a forwarder's `config` and `projectConfigs`, name as a key,
/// token, secret or password, and the signature of the address for releases in what plugins say of
/// themselves (`doc`, also within a project's `plugins`). Everything else stays byte by byte.
/// `record` has been checked by RecordSplitter. Tells `found` what it masked; that may be empty.
std::string without_secrets(std::string_view record, const SecretListener& found = {});

/// The transform that looks for secrets in every record, tells `found` of them, and masks them if
/// `mask` says so. `found` must be thread-safe.
RecordTransform watch_secrets(bool mask, SecretListener found);

}  // namespace source_sentry
