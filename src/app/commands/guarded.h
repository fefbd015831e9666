#pragma once

#include <exception>
#include <new>

#include "base/error.h"
#include "engine/fetch/fetcher.h"
#include "protocol/emitter.h"

namespace source_sentry {

/// The final messages of a command that cannot do its work.
inline int fail(Emitter& emitter, const ConnectorError& error) {
  emitter.log(LogLevel::kFatal, error.message());
  emitter.error(error);
  return 1;
}

/// Runs a command's body; whatever it throws becomes an error message and exit code 1.
template <typename Body>
int guarded(Emitter& emitter, Body body) {
  try {
    return body();
  } catch (const ConnectorError& error) {
    return fail(emitter, error);
  } catch (const Stopped&) {
    return 1;  // the process ends as the signal says
  } catch (const std::bad_alloc&) {
    return fail(emitter, ConnectorError(FailureKind::kSystem,
                                        "There is not enough memory. Give the connector more."));
  } catch (const std::exception& error) {
    return fail(emitter, ConnectorError(FailureKind::kSystem,
                                        "Something went wrong inside the connector. Please report "
                                        "this with the log.",
                                        error.what()));
  }
}

}  // namespace source_sentry
