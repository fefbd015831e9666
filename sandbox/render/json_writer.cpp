#include "sandbox/render/json_writer.h"

#include <array>
#include <charconv>

namespace sandbox {
namespace {

template <typename Number>
void append_number(std::string& out, Number value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escape(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      const auto byte = static_cast<unsigned char>(c);
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view value) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!needs_escape(value[i])) continue;
    out.append(value, done, i - done);
    append_escape(out, value[i]);
    done = i + 1;
  }
  out.append(value, done);
}

std::string json_text(std::string_view value) {
  std::string out = "\"";
  append_escaped(out, value);
  return out += '"';
}

void JsonWriter::key(std::string_view name) {
  comma();
  out_.push_back('"');
  out_.append(name);
  out_.append("\":", 2);
}

void JsonWriter::text(std::string_view value) {
  comma();
  out_.push_back('"');
  append_escaped(out_, value);
  out_.push_back('"');
}

void JsonWriter::signed_number(std::int64_t value) {
  comma();
  append_number(out_, value);
}

void JsonWriter::unsigned_number(std::uint64_t value) {
  comma();
  append_number(out_, value);
}

void JsonWriter::raw(std::string_view json) {
  comma();
  out_.append(json);
}

void JsonWriter::id(std::string_view name, std::uint64_t value) {
  key(name);
  out_.push_back('"');
  append_number(out_, value);
  out_.push_back('"');
}

}  // namespace sandbox
