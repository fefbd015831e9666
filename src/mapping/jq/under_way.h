#pragma once

#include <string_view>

namespace source_sentry {

/// Notes which expression jq evaluates on this thread, for as long as it lives: for whoever must
/// say what has brought the process down. Costs a copy of its first characters.
class JqUnderWay {
 public:
  explicit JqUnderWay(std::string_view expression);
  ~JqUnderWay();
  JqUnderWay(const JqUnderWay&) = delete;
  JqUnderWay& operator=(const JqUnderWay&) = delete;
};

/// The beginning of the expression that jq evaluates on this thread, without what JSON would
/// escape; null where it evaluates none. May be called where nothing can be relied on any more.
const char* jq_under_way() noexcept;

}  // namespace source_sentry
