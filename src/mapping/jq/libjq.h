#pragma once

// The only place that knows libjq; version 1.6 has no extern "C" of its own, and a function in jv.h
// that its includers need not use.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
extern "C" {
#include <jq.h>
}
#pragma GCC diagnostic pop

#include <utility>

namespace source_sentry {

/// Owns one libjq value. Every jv_* function consumes what it is given, but for those that ask for
/// a kind, a number or a string's bytes; so pass copy() or release().
class OwnedJv {
 public:
  explicit OwnedJv(jv value) : value_(value) {}
  ~OwnedJv() { jv_free(value_); }
  OwnedJv(OwnedJv&& other) noexcept : value_(std::exchange(other.value_, jv_null())) {}
  OwnedJv& operator=(OwnedJv&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }

  jv get() const { return value_; }  ///< borrowed: for functions that do not consume
  jv copy() const { return jv_copy(value_); }
  jv release() { return std::exchange(value_, jv_null()); }

 private:
  jv value_;
};

}  // namespace source_sentry
