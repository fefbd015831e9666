#include "live/notion/text/case_fold.h"

#include <cstdint>

#include "live/notion/text/utf8.h"

namespace source_sentry {
namespace {

/// From U+0100 on capitals are the even ones of most pairs, and the odd ones of these.
bool capitals_are_odd(std::uint32_t code) {
  return (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17E);
}

bool is_latin_pair(std::uint32_t code) {
  // Without dotted and dotless I, kra, n preceded by an apostrophe, Y with diaeresis, long s.
  if (code == 0x130 || code == 0x131 || code == 0x138 || code == 0x149 || code == 0x178)
    return false;
  return (code >= 0x100 && code <= 0x17E) || (code >= 0x1E00 && code <= 0x1E95) ||
         (code >= 0x1EA0 && code <= 0x1EFF);
}

std::uint32_t folded(std::uint32_t code) {
  if (code >= 'A' && code <= 'Z') return code + 0x20;
  if (code < 0xC0) return code;
  if (code <= 0xDE) return code == 0xD7 ? code : code + 0x20;  // 0xD7: the sign of multiplication
  if (code == 0x178) return 0xFF;
  if (is_latin_pair(code)) return (code % 2 == 1) == capitals_are_odd(code) ? code + 1 : code;
  if (code == 0x386) return 0x3AC;
  if (code >= 0x388 && code <= 0x38A) return code + 0x25;
  if (code == 0x38C) return 0x3CC;
  if (code == 0x38E || code == 0x38F) return code + 0x3F;
  if (code >= 0x391 && code <= 0x3AB) return code + 0x20;
  if (code == 0x3C2) return 0x3C3;  // sigma at a word's end
  if (code >= 0x400 && code <= 0x40F) return code + 0x50;
  if (code >= 0x410 && code <= 0x42F) return code + 0x20;
  if (code >= 0x460 && code <= 0x481) return code | 1;
  if (code >= 0x48A && code <= 0x4BF) return code | 1;
  if (code >= 0x531 && code <= 0x556) return code + 0x30;
  return code;
}

}  // namespace

std::string case_folded(std::string_view text) {
  std::string lower;
  for (std::size_t at = 0; at < text.size();) add_utf8(folded(next_code_point(text, at)), lower);
  return lower;
}

}  // namespace source_sentry
