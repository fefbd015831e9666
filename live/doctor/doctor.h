#pragma once

#include <string>

#include "engine/run/sync.h"
#include "sentry/source/source.h"

namespace source_sentry {

/// What the doctor says, for people, and whether all is well.
struct DoctorReport {
  std::string text;
  bool is_well = false;
};

/// Asks Sentry for the organization's integrations, finds the one that sends its webhooks to
/// `public_url`, and says what it is subscribed to, what is missing and what failed. Without a URL
/// all are told that have one. Throws a ConnectorError where Sentry does not say, and Stopped.
DoctorReport examine(Source& source, const std::string& public_url, bool with_notion,
                     const SyncContext& context);

}  // namespace source_sentry
