#pragma once

#include <memory>

#include "mapping/shape/mapped_stream.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The stream whose records `mapped` makes of those of `source`: listed, resumed and kept in the
/// state like these, under its own name.
StreamSpec mapped_spec(std::shared_ptr<const MappedStream> mapped, const StreamSpec& source);

}  // namespace source_sentry
