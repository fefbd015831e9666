#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace sandbox {

/// Appends JSON to a string, commas included. Rendering events is most of what the sandbox does in
/// a benchmark, so there is no tree: text goes straight to where it is sent from.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { out_.push_back('}'); }
  void begin_array() { open('['); }
  void end_array() { out_.push_back(']'); }

  /// `"name":`; a value, object or array must follow.
  void key(std::string_view name);

  void text(std::string_view value);
  template <std::integral Number>
  void number(Number value) {
    if constexpr (std::signed_integral<Number>) {
      signed_number(value);
    } else {
      unsigned_number(value);
    }
  }
  void flag(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }

  /// Text that is JSON already: a value, or several fields of an object without its braces.
  void raw(std::string_view json);

  void text(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  /// null for an empty text.
  void text_or_null(std::string_view name, std::string_view value) {
    key(name);
    value.empty() ? null() : text(value);
  }
  /// An id: digits as a string.
  void id(std::string_view name, std::uint64_t value);
  template <std::integral Number>
  void number(std::string_view name, Number value) {
    key(name);
    number(value);
  }
  void flag(std::string_view name, bool value) {
    key(name);
    flag(value);
  }
  void null(std::string_view name) {
    key(name);
    null();
  }
  void raw(std::string_view name, std::string_view json) {
    key(name);
    raw(json);
  }

  std::string& out() { return out_; }

 private:
  void signed_number(std::int64_t value);
  void unsigned_number(std::uint64_t value);
  /// Whether a comma is due can be read off the last character, so nothing else is kept.
  void comma() {
    const char last = out_.empty() ? '[' : out_.back();
    if (last != '{' && last != '[' && last != ':') out_.push_back(',');
  }
  void open(char bracket) {
    comma();
    out_.push_back(bracket);
  }

  std::string& out_;
};

/// Appends `value` with JSON's escapes and without quotes.
void append_escaped(std::string& out, std::string_view value);

/// `value` as a JSON string.
std::string json_text(std::string_view value);

}  // namespace sandbox
