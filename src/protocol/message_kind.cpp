#include "protocol/message_kind.h"

#include <algorithm>
#include <array>
#include <utility>

namespace source_sentry {
namespace {

/// airbyte_protocol.yaml, AirbyteMessage.type and, for states without their envelope,
/// AirbyteStateMessage.type.
constexpr std::array<std::pair<std::string_view, MessageKind>, 11> kTypes = {{
    {"RECORD", MessageKind::kOther},
    {"STATE", MessageKind::kState},
    {"LOG", MessageKind::kOther},
    {"TRACE", MessageKind::kOther},
    {"CATALOG", MessageKind::kCatalog},
    {"SPEC", MessageKind::kOther},
    {"CONNECTION_STATUS", MessageKind::kOther},
    {"CONTROL", MessageKind::kOther},
    {"STREAM", MessageKind::kState},
    {"GLOBAL", MessageKind::kState},
    {"LEGACY", MessageKind::kState},
}};

/// Takes `word` and the white space before it from the beginning of `text`.
bool take(std::string_view& text, std::string_view word) {
  const std::size_t at = text.find_first_not_of(" \t\r");
  if (at == text.npos || !text.substr(at).starts_with(word)) return false;
  text.remove_prefix(at + word.size());
  return true;
}

}  // namespace

MessageKind kind_of_message(std::string_view line) {
  for (const std::string_view word : {"{", "\"type\"", ":", "\""}) {
    if (!take(line, word)) return MessageKind::kNone;
  }
  const std::string_view type = line.substr(0, line.find('"'));
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const auto& known) { return known.first == type; });
  return found == kTypes.end() ? MessageKind::kNone : found->second;
}

}  // namespace source_sentry
