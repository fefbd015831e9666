#include "sentry/streams/families/events.h"

#include <utility>

#include "sentry/streams/families/core.h"
#include "sentry/streams/spec/row_parts.h"

namespace source_sentry {
namespace {

/// A stream of what events hold: it reads the events' own list.
StreamSpec part_of_events(StreamSpec part) {
  StreamSpec spec = core_streams().front();
  spec.parents_cursor = std::exchange(spec.cursor_key, {});
  spec.rows_id = "id";
  spec.project_key.clear();
  spec.suggested = false;
  spec.group.clear();
  // The list is asked for whole bodies in any case, and its ids are the events'.
  spec.name = std::move(part.name);
  spec.docs = std::move(part.docs);
  spec.remarks =
      "Made of the events' own list: it costs as many requests as the stream events, once more.";
  spec.personal = std::move(part.personal);
  spec.primary_key = std::move(part.primary_key);
  spec.split = std::move(part.split);
  return spec;
}

}  // namespace

std::vector<StreamSpec> events_streams() {
  return {
      part_of_events({.name = "event_tags",
                      .docs = "Tags of error events.",
                      .personal = {"value"},
                      .primary_key = {"projectID", "eventID", "key"},
                      .split = event_tags}),
      part_of_events({.name = "event_exceptions",
                      .docs = "Exceptions of error events, with their stack traces.",
                      .personal = {"value"},
                      .primary_key = {"projectID", "eventID", "index"},
                      .split = event_exceptions}),
      part_of_events({.name = "event_frames",
                      .docs = "Frames of the stack traces of error events.",
                      .personal = {"vars"},
                      .primary_key = {"projectID", "eventID", "exceptionIndex", "index"},
                      .split = event_frames}),
      part_of_events({.name = "event_breadcrumbs",
                      .docs = "What happened before an error, as the SDK noted it.",
                      .personal = {"data", "message"},
                      .primary_key = {"projectID", "eventID", "index"},
                      .split = event_breadcrumbs}),
  };
}

}  // namespace source_sentry
