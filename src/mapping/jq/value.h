#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// One value as jq holds it. Move-only, 16 bytes. Its parts are counted without atomics, so a value
/// and all that shares parts with it stay in one thread.
class JqValue {
 public:
  enum class Kind { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };

  JqValue();  ///< null
  ~JqValue();
  JqValue(JqValue&& other) noexcept;
  JqValue& operator=(JqValue&& other) noexcept;

  /// `json` ends in a zero byte and is what jq_input() made. Nothing where libjq refuses it.
  static std::optional<JqValue> parse(const std::string& json);

  JqValue shared() const;  ///< another handle on the same value
  Kind kind() const;
  std::size_t size() const;                                        ///< of an array
  JqValue at(std::size_t index) const;                             ///< of an array
  JqValue with(std::string_view key, const JqValue& value) const;  ///< of an object: key set

  /// Appends the value as JSON: integers within 2^53 without an exponent, other numbers in the
  /// shortest form that reads back the same, NaN as null. False, and `out` ends anywhere, where
  /// it is nested deeper than kDeepestJson or longer than kLargestResult.
  bool print(std::string& out) const;

  /// jq's word for the kind: "null", "boolean", "number", "string", "array", "object".
  const char* kind_name() const;

 private:
  friend class JqProgram;
  using Bytes = std::array<std::byte, 16>;
  explicit JqValue(Bytes bytes) : bytes_(bytes) {}

  alignas(8) Bytes bytes_;
};

/// No result of an expression is longer, in bytes.
inline constexpr std::size_t kLargestResult = std::size_t{64} << 20;

}  // namespace source_sentry
