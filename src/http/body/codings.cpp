#include "http/body/codings.h"

#include <algorithm>

#include "base/text.h"

namespace source_sentry {
namespace {

/// More of them, one around the other, only multiply what a few bytes unpack to.
constexpr std::size_t kMost = 5;

}  // namespace

Codings parse_codings(std::string_view field) {
  Codings codings;
  while (!field.empty()) {
    const std::size_t comma = std::min(field.find(','), field.size());
    std::string name = lower(trim(field.substr(0, comma)));
    field.remove_prefix(std::min(comma + 1, field.size()));
    if (name.empty() || name == "identity" || name == "none") continue;
    const bool gzip = name == "gzip" || name == "x-gzip";
    if ((!gzip && name != "deflate") || codings.applied.size() == kMost) {
      codings.unknown = std::move(name);
      break;
    }
    codings.applied.push_back(gzip ? Coding::kGzip : Coding::kDeflate);
  }
  return codings;
}

}  // namespace source_sentry
