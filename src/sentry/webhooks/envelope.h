#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/members.h"

namespace source_sentry {

/// The members of a webhook's body, as slices of it. They die with it.
struct Envelope {
  std::vector<Member> members;  ///< of the body
  std::vector<Member> data;     ///< of its `data`; for a service hook or the old plugin: as members
  std::string action;           ///< its text; empty where there is none
};

/// Reads a body. Nothing where it is not one object of strict JSON, nested at most 64 deep.
std::optional<Envelope> read_envelope(const std::string& body);

/// Which resource an integration's webhook is about, by its `data` and `action` alone, as
/// `Sentry-Hook-Resource` calls it: the header is not signed, so a captured body can be sent again
/// under another one. Empty where nothing tells, as for a resource that is new.
std::string_view resource_of(const Envelope& envelope);

}  // namespace source_sentry
