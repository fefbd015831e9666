#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "json/tokens.h"

namespace source_sentry {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Which bytes may follow a number or literal. A table, since comparing with one after the other
/// costs a whole page of issues 4 % more (measured).
inline constexpr auto kEndsScalar = [] {
  std::array<bool, 256> ends{};
  for (const char c : std::string_view(",}] \n\r\t")) ends[static_cast<unsigned char>(c)] = true;
  return ends;
}();

inline bool ends_scalar(char c) { return kEndsScalar[static_cast<unsigned char>(c)]; }

/// Whether the `length` bytes at `p`, after which `readable` more may be read, are a typical
/// integer: one to sixteen digits, not negative. Without a loop, which would have to wait for each
/// byte; false where it cannot tell.
inline bool is_plain_integer(const char* p, std::size_t length, std::size_t readable) {
  if constexpr (std::endian::native != std::endian::little) return false;
  if (length - 1 >= 16 || readable < 16) return false;
  if (length > 1 && *p == '0') return false;
  constexpr std::uint64_t kEach = 0x0101010101010101;
  // Sets the highest bit of each byte that is not a digit; what comes after the first may be wrong.
  const auto others = [](const char* eight) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, eight, sizeof bytes);
    const std::uint64_t values = bytes ^ (kEach * '0');  // at most 9 for a digit
    return (values | (values + kEach * (0x7F - 9))) & (kEach * 0x80);
  };
  if (length <= 8) return others(p) << (8 * (8 - length)) == 0;
  return (others(p) | others(p + length - 8)) == 0;
}

/// The end of the number that starts at `p`, or null if it breaks JSON's grammar. Reads up to the
/// first byte that is not part of a number; the caller's text ends in a zero byte.
inline const char* end_of_number(const char* p) {
  if (*p == '-') ++p;
  if (*p == '0') {
    ++p;
  } else {
    if (!is_digit(*p)) return nullptr;
    while (is_digit(*p)) ++p;
  }
  if (*p == '.') {
    if (!is_digit(*++p)) return nullptr;
    while (is_digit(*p)) ++p;
  }
  if (*p == 'e' || *p == 'E') {
    ++p;
    if (*p == '+' || *p == '-') ++p;
    if (!is_digit(*p)) return nullptr;
    while (is_digit(*p)) ++p;
  }
  return p;
}

/// Walks over the tokens. What is glued to a string or set apart after a number has a position of
/// its own, so checking that each next position holds what the grammar allows checks the whole
/// text.
class TokenWalk {
 public:
  /// `tokens` must have begun.
  explicit TokenWalk(Tokens& tokens)
      : tokens_(tokens),
        begin_(tokens.start()),
        end_(tokens.text().data() + tokens.text().size()),
        token_(tokens.positions()) {
    while (pointer() == end_ && next_window()) {
    }
  }

  /// Whether the current token begins with that byte. A window ends with a zero byte.
  bool is(char c) {
    const char here = begin_[*token_];
    if (here == c) return true;
    return here == '\0' && next_window() && begin_[*token_] == c;
  }
  /// Whether there is none left.
  bool ended() { return pointer() == end_ && !next_window(); }
  const char* pointer() const { return begin_ + *token_; }
  void step() { ++token_; }
  Fault fault(const char* what) const {
    if (broken_.what != nullptr) return broken_;
    return {what, static_cast<std::size_t>(pointer() - tokens_.text().data())};
  }

  /// Steps over the member whose key is at the current token, and the comma behind it, if its value
  /// is of the most frequent kinds and the window continues; otherwise does nothing and returns
  /// false. Saves half of what the top level of a record costs (measured).
  bool skip_short_member() {
    const char* const text = begin_;
    const std::uint32_t* const token = token_;
    // Two positions of a zero byte follow a window's end, so each of these may be read if the one
    // before it was not a zero byte.
    if (text[token[1]] != ':') return false;
    const char* const value = text + token[2];
    if (*value == '\0') return false;
    const std::size_t length = token[3] - token[2];
    const bool is_short =
        *value == '"' || is_plain_integer(value, length, static_cast<std::size_t>(end_ - value)) ||
        (length == 4 && (std::memcmp(value, "null", 4) == 0 || std::memcmp(value, "true", 4) == 0));
    if (!is_short || text[token[3]] != ',') return false;
    token_ = token + 4;
    return true;
  }

  /// The second byte of the key at the current token.
  char first_letter() const { return pointer()[1]; }

  /// Steps over one value of any kind. `depth` is how many containers are open around it.
  Fault skip_value(std::size_t depth) {
    if (*pointer() == '"') {
      step();
      return {};
    }
    const std::size_t floor = depth;
    const char* wrong = skip<false>(depth, depth, Expected::kValue);
    for (;; wrong = skip<true>(floor, reached_, expected_)) {
      if (wrong == nullptr) return {};
      const char before =
          pointer() == end_ && token_ != tokens_.positions() ? begin_[token_[-1]] : '\0';
      if (!next_window()) return fault(wrong);
      const bool closes =
          (before == '{' && *pointer() == '}') || (before == '[' && *pointer() == ']');
      if (closes) expected_ = Expected::kEnd;
    }
  }

  /// Whether the string at the current token is exactly `quoted` (with its quotes).
  bool is_string(std::string_view quoted) const {
    const char* const p = pointer();
    // Most keys differ in their first letter: that needs no call.
    return static_cast<std::size_t>(end_ - p) >= quoted.size() && p[1] == quoted[1] &&
           std::memcmp(p, quoted.data(), quoted.size()) == 0;
  }

  /// The text of the scalar at the current token: a string's inside, or a number's or literal's
  /// text. Empty for containers, and for strings with escapes: an id or a time has none.
  std::string_view scalar() const {
    const char* const p = pointer();
    if (*p == '"') {
      const char* close = p + 1;
      while (*close != '"' && *close != '\\') ++close;
      return *close == '"' ? std::string_view(p + 1, static_cast<std::size_t>(close - p - 1))
                           : std::string_view();
    }
    const char* close = is_digit(*p) || *p == '-' ? end_of_number(p) : nullptr;
    return close == nullptr ? std::string_view()
                            : std::string_view(p, static_cast<std::size_t>(close - p));
  }

 private:
  /// What the current token may be, inside a value.
  enum class Expected { kValue, kKey, kColon, kEnd };

  /// Walks a value, with `reached` containers open, to where only `floor` are; kResumes: from where
  /// it stopped, with what it expected. Returns what is wrong, or null; the end of a window looks
  /// like a fault, and reached_ and expected_ then say where it was met. This is the hot loop: the
  /// position lives in a local so that it stays in a register, strings, the most frequent kind, are
  /// looked for first, and what only a resumed walk needs is not compiled into the other (together
  /// 17 % of a page's time, measured).
  template <bool kResumes>
  const char* skip(std::size_t floor, std::size_t reached, Expected expected) {
    const std::uint32_t* token = token_;
    const char* const text = begin_;
    const char* const end = end_;
    const char* wrong = nullptr;
    std::size_t depth = reached;
    char c = 0;
    if (kResumes) {
      if (expected == Expected::kKey) goto key;
      if (expected == Expected::kColon) goto colon;
      if (expected == Expected::kEnd) goto after_value;
    }

  value:
    c = text[*token];
    if (c == '"') {
      ++token;
    } else if (c == '{') {
      if (depth == kMaxDepth) goto too_deep;
      ++token;
      if (text[*token] == '}') {
        ++token;
      } else {
        in_object_[depth++] = true;
        goto key;
      }
    } else if (c == '[') {
      if (depth == kMaxDepth) goto too_deep;
      ++token;
      if (text[*token] == ']') {
        ++token;
      } else {
        in_object_[depth++] = false;
        goto value;
      }
    } else {
      const char* const scalar = text + *token;
      if (!is_plain_integer(scalar, token[1] - token[0], static_cast<std::size_t>(end - scalar))) {
        const char* const after = end_of_scalar(scalar);
        if (after == nullptr || !ends_scalar(*after)) {
          wrong = "no valid value";
          expected = Expected::kValue;
          goto fail;
        }
      }
      ++token;
    }

  after_value:
    if (depth == floor) {
      token_ = token;
      return nullptr;
    }
    c = text[*token];
    if (in_object_[depth - 1]) {
      if (c == ',') {
        ++token;
      key:
        if (text[*token] != '"') {
          wrong = "a key is missing";
          expected = Expected::kKey;
          goto fail;
        }
        ++token;
      colon:
        if (text[*token] != ':') {
          wrong = "no : after a key";
          expected = Expected::kColon;
          goto fail;
        }
        ++token;
        goto value;
      }
      if (c != '}') {
        wrong = "neither , nor } after a member";
        expected = Expected::kEnd;
        goto fail;
      }
    } else {
      if (c == ',') {
        ++token;
        goto value;
      }
      if (c != ']') {
        wrong = "neither , nor ] after an element";
        expected = Expected::kEnd;
        goto fail;
      }
    }
    ++token;
    --depth;
    goto after_value;

  too_deep:
    wrong = "nesting past 1024 levels";
  fail:
    token_ = token;
    reached_ = depth;
    expected_ = expected;
    return wrong;
  }

  bool next_window();

  /// The end of the number or literal at `p`; null when it is neither.
  const char* end_of_scalar(const char* p) const {
    switch (*p) {
      case 't':
        return literal(p, "true");
      case 'f':
        return literal(p, "false");
      case 'n':
        return literal(p, "null");
      default:
        return end_of_number(p);
    }
  }

  const char* literal(const char* p, std::string_view word) const {
    const bool same = static_cast<std::size_t>(end_ - p) >= word.size() &&
                      std::memcmp(p, word.data(), word.size()) == 0;
    return same ? p + word.size() : nullptr;
  }

  Tokens& tokens_;
  const char* begin_;  // of the window
  const char* end_;    // of the text
  const std::uint32_t* token_;
  std::size_t reached_ = 0;  // of a value that was left in the middle, see skip
  Expected expected_ = Expected::kValue;
  Fault broken_{};                         // why the next window cannot be had
  std::array<bool, kMaxDepth> in_object_;  // kind of each open container; written before it is read
};

}  // namespace source_sentry
