#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mapping/jq/value.h"

namespace source_sentry {

/// An expression that jq cannot take. `what()`: what is wrong and where, with the expression
/// itself: "jq does not know tostrng/0 (line 1, column 9 of: .id + (.b | tostrng))".
class ExpressionError : public std::exception {
 public:
  explicit ExpressionError(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

/// No expression is longer, in bytes.
inline constexpr std::size_t kLongestExpression = std::size_t{64} << 10;
/// No expression gives more outputs for one record.
inline constexpr std::size_t kMostOutputs = 100'000;

/// Throws ExpressionError where a text cannot be an expression, whatever its tokens say: it is too
/// long, or has a control character in it.
void check_characters(std::string_view expression);

/// A compiled jq expression. It cannot reach anything but its input: the environment, further
/// inputs, modules and the process are out of its reach. Compiling takes about 20 ms (jq 1.6 parses
/// its own library each time). For one thread.
class JqProgram {
 public:
  /// Throws ExpressionError.
  explicit JqProgram(std::string_view expression);
  ~JqProgram();
  JqProgram(const JqProgram&) = delete;
  JqProgram& operator=(const JqProgram&) = delete;

  /// Hands the outputs for `input` to `take` one after the other, until it returns false. What is
  /// not taken is not evaluated. Returns what went wrong, in jq's words; empty if nothing did.
  std::string run(const JqValue& input, const std::function<bool(JqValue)>& take);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace source_sentry
