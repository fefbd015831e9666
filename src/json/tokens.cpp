#include "json/tokens.h"

#include <simdjson.h>

#include <cstring>

namespace source_sentry {
namespace {

constexpr const char* kUnclosed = "a string that never ends (cut off?)";

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Checks every backslash of the text. Those outside strings need no care here: the walk refuses
/// them as scalars. So escapes can be taken from left to right without knowing the strings.
Fault check_escapes(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* p = begin;
  while ((p = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)))) !=
         nullptr) {
    const auto left = static_cast<std::size_t>(end - p);
    const char kind = left > 1 ? p[1] : '\0';
    bool valid = false;
    std::size_t length = 2;
    switch (kind) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        valid = true;
        break;
      case 'u':
        length = 6;
        valid = left >= length && is_hex(p[2]) && is_hex(p[3]) && is_hex(p[4]) && is_hex(p[5]);
        break;
      default:
        break;
    }
    if (!valid) return {"an invalid escape", static_cast<std::size_t>(p - begin)};
    p += length;
  }
  return {};
}

}  // namespace

Tokens::Tokens(std::size_t window_bytes) : window_bytes_(window_bytes) {}
Tokens::~Tokens() = default;

Fault Tokens::begin(std::string_view text, std::size_t from) {
  text_ = text;
  end_ = from;
  return load();
}

Fault Tokens::load() {
  start_ = end_;
  if (text_.size() - start_ <= window_bytes_) return index(text_.size());
  const std::size_t cut = likely_cut();
  Fault fault = index(cut);
  if (fault.what != kUnclosed || cut == text_.size()) return fault;
  return index(end_of_string(cut));
}

/// Finds the tokens up to `end`, and checks all that can be checked without the grammar.
Fault Tokens::index(std::size_t end) {
  end_ = end;
  const std::string_view window = text_.substr(start_, end - start_);
  if (!stage_ || stage_->capacity() < window.size()) {
    // Some room to grow, so that pages of slowly rising size do not allocate each time.
    const std::size_t capacity = window.size() + window.size() / 4 + 4096;
    const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity, kMaxDepth, stage_);
    if (error != simdjson::SUCCESS) return {"no memory to check the body", 0};
  }
  auto error = stage_->stage1(reinterpret_cast<const std::uint8_t*>(window.data()), window.size(),
                              simdjson::stage1_mode::regular);
  if (error == simdjson::EMPTY && start_ > 0) {
    stage_->n_structural_indexes = 0;  // white space after the last window
    error = simdjson::SUCCESS;
  }
  switch (error) {
    case simdjson::SUCCESS:
      break;
    case simdjson::UTF8_ERROR:
      return {"invalid UTF-8", start_};
    case simdjson::UNESCAPED_CHARS:
      return {"a raw control character in a string", start_};
    case simdjson::UNCLOSED_STRING:
      return {kUnclosed, text_.size()};
    default:
      return {simdjson::error_message(error), start_};
  }
  positions_ = stage_->structural_indexes.get();
  const auto past = static_cast<std::uint32_t>(text_.size() - start_);
  stage_->structural_indexes[stage_->n_structural_indexes] = past;
  stage_->structural_indexes[stage_->n_structural_indexes + 1] = past;
  Fault fault = check_escapes(window);
  fault.offset += start_;
  return fault;
}

/// Where the window is cut: after a byte that ends a token unless it is in a string, best after a
/// record. A stretch without such a byte has hardly any tokens.
std::size_t Tokens::likely_cut() const {
  constexpr std::string_view kBetweenRecords = "},";
  constexpr std::string_view kBetweenTokens = ",:{}[]";
  const std::string_view window = text_.substr(start_, window_bytes_);
  std::size_t at = window.rfind(kBetweenRecords);
  if (at != std::string_view::npos && at >= window.size() / 2) {
    return start_ + at + kBetweenRecords.size();
  }
  at = window.find_last_of(kBetweenTokens);
  if (at == std::string_view::npos) at = text_.substr(start_).find_first_of(kBetweenTokens);
  return at == std::string_view::npos ? text_.size() : start_ + at + 1;
}

/// The place after the string in which `at` lies, or the text's end. No backslash comes before
/// `at`.
std::size_t Tokens::end_of_string(std::size_t at) const {
  for (std::size_t quote = text_.find('"', at); quote != std::string_view::npos;
       quote = text_.find('"', quote + 1)) {
    std::size_t before = quote;
    while (before > at && text_[before - 1] == '\\') --before;
    if ((quote - before) % 2 == 0) return quote + 1;
  }
  return text_.size();
}

}  // namespace source_sentry
