#pragma once

#include "sandbox/shelves/shelf.h"

namespace sandbox {

/// The tags of an issue's events: a row for each key, with its values seen most often.
Rows issue_tags(const Scene& scene, const ShelfOwner& owner);

/// A row for each value of each key, a thousand of a key at most.
Rows issue_tag_values(const Scene& scene, const ShelfOwner& owner);

}  // namespace sandbox
