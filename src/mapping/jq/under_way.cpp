#include "mapping/jq/under_way.h"

#include <algorithm>
#include <array>

namespace source_sentry {
namespace {

constexpr std::size_t kMostNoted = 120;

/// Plain data, which takes no memory when a thread first uses it.
thread_local std::array<char, kMostNoted + 1> shown;
thread_local bool is_under_way = false;

char harmless(char c) {
  const bool is_plain = c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
  return is_plain ? c : '\'';
}

}  // namespace

JqUnderWay::JqUnderWay(std::string_view expression) {
  const std::string_view beginning = expression.substr(0, kMostNoted);
  std::transform(beginning.begin(), beginning.end(), shown.begin(), harmless);
  shown[beginning.size()] = '\0';
  is_under_way = true;
}

JqUnderWay::~JqUnderWay() { is_under_way = false; }

const char* jq_under_way() noexcept { return is_under_way ? shown.data() : nullptr; }

}  // namespace source_sentry
