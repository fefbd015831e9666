#pragma once

#include "sandbox/shelves/shelf.h"

namespace sandbox {

/// The tags of a project's events: a row for each key that has values.
Rows project_tags(const Scene& scene, const ShelfOwner& owner);

/// A row for each value of each of those keys, a thousand of a key at most.
Rows project_tag_values(const Scene& scene, const ShelfOwner& owner);

}  // namespace sandbox
