#include "app/settings/environment.h"

#include <cstdlib>

namespace source_sentry {

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): never set here
  return value == nullptr ? "" : value;
}

bool in_cloud() { return environment("DEPLOYMENT_MODE") == "CLOUD"; }

}  // namespace source_sentry
