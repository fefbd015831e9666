#include "base/text.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <vector>

namespace source_sentry {
namespace {

/// The size in bytes of the control that `text` begins with; 0 if it begins with anything else.
std::size_t control_at(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return 2;
  if (byte(0) != 0xE2) return 0;
  // U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069.
  const bool first = byte(1) == 0x80 &&
                     (byte(2) == 0x8E || byte(2) == 0x8F || (byte(2) >= 0xA8 && byte(2) <= 0xAE));
  return first || (byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9) ? 3 : 0;
}

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string without_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = control_at(text);
    out += length > 0 ? ' ' : text.front();
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string excerpt(std::string_view text, std::size_t most) {
  std::string out = without_controls(text.substr(0, most));
  if (text.size() > most) out += kCut;
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * kPrime;
  return hash;
}

std::string number_of(std::uint64_t count, std::string_view thing) {
  return std::to_string(count).append(" ").append(thing).append(count == 1 ? "" : "s");
}

std::string entries_not(std::uint64_t count, std::string_view thing) {
  if (count == 1) return std::string("1 entry that is not a ").append(thing);
  return std::to_string(count).append(" entries that are not ").append(thing).append("s");
}

std::string without_ids(std::string_view text) {
  constexpr std::size_t kShortestId = 16;
  const auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  std::string rest;
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_hex);
    const auto run = static_cast<std::size_t>(end - text.begin());
    if (run < kShortestId) rest += text.substr(0, run + 1);
    text.remove_prefix(std::min(run < kShortestId ? run + 1 : run, text.size()));
  }
  return rest;
}

}  // namespace source_sentry
