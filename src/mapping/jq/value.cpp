#include "mapping/jq/value.h"

#include <bit>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/json_text.h"
#include "mapping/jq/libjq.h"
#include "mapping/jq/quoted.h"

namespace source_sentry {
namespace {

static_assert(sizeof(jv) == 16, "JqValue has room for libjq's values of 16 bytes");

/// Integers up to here are exact in a double.
constexpr double kExact = 9007199254740992.0;

void print_number(double number, std::string& out) {
  if (std::isnan(number)) {
    out += "null";
    return;
  }
  if (std::isinf(number)) number = std::copysign(DBL_MAX, number);  // as jq does
  std::array<char, 32> digits{};
  const bool is_integer = std::abs(number) <= kExact && number == std::trunc(number);
  const auto end = is_integer ? std::to_chars(digits.data(), digits.data() + digits.size(),
                                              static_cast<std::int64_t>(number))
                              : std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

/// A borrowed view of a string; `value` outlives it.
std::string_view text_of(const OwnedJv& value) {
  return {jv_string_value(value.get()),
          static_cast<std::size_t>(jv_string_length_bytes(value.copy()))};
}

bool print_value(const OwnedJv& value, std::size_t depth, std::string& out) {
  if (depth > kDeepestJson || out.size() > kLargestResult) return false;
  switch (jv_get_kind(value.get())) {
    case JV_KIND_TRUE:
      out += "true";
      return true;
    case JV_KIND_FALSE:
      out += "false";
      return true;
    case JV_KIND_NUMBER:
      print_number(jv_number_value(value.get()), out);
      return true;
    case JV_KIND_STRING:
      append_quoted(text_of(value), out);
      return true;
    case JV_KIND_ARRAY: {
      const int length = jv_array_length(value.copy());
      out += '[';
      for (int i = 0; i < length; ++i) {
        if (i > 0) out += ',';
        if (!print_value(OwnedJv(jv_array_get(value.copy(), i)), depth + 1, out)) return false;
      }
      out += ']';
      return true;
    }
    case JV_KIND_OBJECT: {
      out += '{';
      const jv object = value.get();
      bool first = true;
      for (int at = jv_object_iter(object); jv_object_iter_valid(object, at) != 0;
           at = jv_object_iter_next(object, at)) {
        if (!std::exchange(first, false)) out += ',';
        append_quoted(text_of(OwnedJv(jv_object_iter_key(object, at))), out);
        out += ':';
        if (!print_value(OwnedJv(jv_object_iter_value(object, at)), depth + 1, out)) return false;
      }
      out += '}';
      return true;
    }
    default:
      out += "null";
      return true;
  }
}

}  // namespace

JqValue::JqValue() : bytes_(std::bit_cast<Bytes>(jv_null())) {}
JqValue::~JqValue() { jv_free(std::bit_cast<jv>(bytes_)); }
JqValue::JqValue(JqValue&& other) noexcept
    : bytes_(std::exchange(other.bytes_, std::bit_cast<Bytes>(jv_null()))) {}
JqValue& JqValue::operator=(JqValue&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

std::optional<JqValue> JqValue::parse(const std::string& json) {
  if (json.size() > INT32_MAX) return std::nullopt;
  OwnedJv value(jv_parse_sized(json.c_str(), static_cast<int>(json.size())));
  if (jv_get_kind(value.get()) == JV_KIND_INVALID) return std::nullopt;
  return JqValue(std::bit_cast<Bytes>(value.release()));
}

JqValue JqValue::shared() const {
  return JqValue(std::bit_cast<Bytes>(jv_copy(std::bit_cast<jv>(bytes_))));
}

JqValue::Kind JqValue::kind() const {
  switch (jv_get_kind(std::bit_cast<jv>(bytes_))) {
    case JV_KIND_TRUE:
      return Kind::kTrue;
    case JV_KIND_FALSE:
      return Kind::kFalse;
    case JV_KIND_NUMBER:
      return Kind::kNumber;
    case JV_KIND_STRING:
      return Kind::kString;
    case JV_KIND_ARRAY:
      return Kind::kArray;
    case JV_KIND_OBJECT:
      return Kind::kObject;
    default:
      return Kind::kNull;
  }
}

std::size_t JqValue::size() const {
  return static_cast<std::size_t>(jv_array_length(jv_copy(std::bit_cast<jv>(bytes_))));
}

JqValue JqValue::at(std::size_t index) const {
  return JqValue(std::bit_cast<Bytes>(
      jv_array_get(jv_copy(std::bit_cast<jv>(bytes_)), static_cast<int>(index))));
}

JqValue JqValue::with(std::string_view key, const JqValue& value) const {
  return JqValue(std::bit_cast<Bytes>(jv_object_set(
      jv_copy(std::bit_cast<jv>(bytes_)), jv_string_sized(key.data(), static_cast<int>(key.size())),
      jv_copy(std::bit_cast<jv>(value.bytes_)))));
}

bool JqValue::print(std::string& out) const {
  return print_value(OwnedJv(jv_copy(std::bit_cast<jv>(bytes_))), 0, out) &&
         out.size() <= kLargestResult;
}

const char* JqValue::kind_name() const {
  return jv_kind_name(jv_get_kind(std::bit_cast<jv>(bytes_)));
}

}  // namespace source_sentry
