#pragma once

#include <optional>
#include <string>

#include "sandbox/render/snippets.h"
#include "sandbox/world/random.h"
#include "sandbox/world/traits.h"

namespace sandbox {

/// How big full events are on average: 1.2, 11 or 46 KB.
enum class EventSize { kSmall, kTypical, kLarge };

/// All that the parts of one event's JSON are written from, gathered once.
struct EventScene {
  EventScene(const World& world, Index serial, EventSize size);

  const World& world;
  Index serial;
  EventSize size;
  const Issue& issue;
  const Project& project;
  const Vocabulary& words;
  const Snippets& pieces;
  IssueText text;
  std::string id;
  Second at;
  std::optional<Visitor> visitor;
  std::optional<std::size_t> environment;
  std::optional<Index> release;
  std::uint64_t drawn;        ///< differs from event to event
  std::uint64_t issue_drawn;  ///< the same for all events of an issue
};

}  // namespace sandbox
