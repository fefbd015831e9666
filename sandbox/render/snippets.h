#pragma once

#include <string>
#include <vector>

#include "sandbox/world/model.h"

namespace sandbox {

/// A piece of JSON with one gap, which differs from event to event.
struct Snippet {
  std::string before;
  std::string after;
};

/// The parts of events that repeat, rendered once per platform: most of an event is stack frames,
/// and real ones repeat just as much.
struct Snippets {
  std::vector<Snippet> frames;    ///< with source lines; the gap takes the local variables
  std::vector<Snippet> system;    ///< bare ones of libraries; the gap as above
  std::vector<Snippet> minified;  ///< as they came in, before processing; the gap as above
  std::vector<Snippet> crumbs;    ///< breadcrumbs; the gap takes the time
  std::string packages;           ///< object of name to version
  std::string contexts;           ///< fields of the contexts that do not change
};

const Snippets& snippets(Platform platform);

}  // namespace sandbox
