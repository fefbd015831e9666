#include "sentry/streams/mapped/mapped_spec.h"

#include <string>
#include <utility>

#include "sentry/embedded.h"
#include "sentry/stream_groups.h"

namespace source_sentry {

StreamSpec mapped_spec(std::shared_ptr<const MappedStream> mapped, const StreamSpec& source) {
  StreamSpec spec = source;
  spec.name = mapped->name;
  spec.docs = "Records made of those of " + source.name + ", as the configuration's " +
              mapped->place + " says.";
  spec.group = kConfiguredGroup;
  spec.suggested = false;
  if (spec.things.empty()) spec.things = source.name;
  if (spec.schema.empty()) spec.schema = std::string(embedded_schema(source.name));
  spec.mapped = std::move(mapped);
  return spec;
}

}  // namespace source_sentry
