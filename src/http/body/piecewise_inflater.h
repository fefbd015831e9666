#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/body/codings.h"

namespace source_sentry {

/// Unpacks a body by zlib, a piece at a time: slower than libdeflate, but it needs no size in
/// advance, knows why a body is damaged, and has an answer to all that servers send. These are
/// several gzip members, one after the other; gzip that is zlib's format, and the other way round;
/// `deflate` with zlib's header and without; and bytes behind the end, which are ignored.
///
/// For one thread. The packed bytes must stay as they are.
class PiecewiseInflater {
 public:
  enum class State {
    kMore,     ///< so far
    kWhole,    ///< the end was reached, and each checksum is right
    kCutOff,   ///< the packed bytes end before what they hold
    kDamaged,  ///< see why()
  };

  PiecewiseInflater(std::string_view packed, Coding coding);
  ~PiecewiseInflater();
  PiecewiseInflater(const PiecewiseInflater&) = delete;
  PiecewiseInflater& operator=(const PiecewiseInflater&) = delete;

  /// Writes the next bytes, `size` of them unless state() says otherwise afterwards; returns how
  /// many. The state may still be kMore at the end: a read of nothing more settles it. Throws
  /// std::bad_alloc.
  std::size_t read(char* to, std::size_t size);

  State state() const { return state_; }

  /// What is wrong with it, as zlib says it.
  const std::string& why() const { return why_; }

 private:
  struct Zlib;

  void end_member();

  std::unique_ptr<Zlib> zlib_;
  std::string_view left_;  ///< what zlib has not taken yet
  State state_ = State::kMore;
  std::string why_;
};

}  // namespace source_sentry
