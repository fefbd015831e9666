#include "json/token_walk.h"

namespace source_sentry {

/// At the end of a window: moves to the next one that has a token. False where none follows, or it
/// is broken.
bool TokenWalk::next_window() {
  while (pointer() == end_ && broken_.what == nullptr && tokens_.more()) {
    broken_ = tokens_.load();
    if (broken_.what != nullptr) {
      // The remaining tokens mean nothing: every rule must end here.
      static constexpr std::uint32_t kNone[3] = {};
      begin_ = end_;
      token_ = kNone + 1;
      return false;
    }
    begin_ = tokens_.start();
    token_ = tokens_.positions();
    if (pointer() != end_) return true;
  }
  return false;
}

}  // namespace source_sentry
