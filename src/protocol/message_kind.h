#pragma once

#include <string_view>

namespace source_sentry {

/// What kind of message a line of an output holds, as far as those who read outputs care.
enum class MessageKind {
  kNone,  ///< not a message: anything else
  kCatalog,
  kState,  ///< a STATE with or without its envelope
  kOther,  ///< RECORD, LOG, TRACE and the like
};

/// Tells it by the line's beginning, some 50 bytes, since a record may have megabytes. `type` must
/// be the first member, as this connector and Airbyte's write it.
MessageKind kind_of_message(std::string_view line);

}  // namespace source_sentry
