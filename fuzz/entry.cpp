#include <cstddef>
#include <cstdint>

#include "property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  source_sentry::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
