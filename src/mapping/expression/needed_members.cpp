#include "mapping/expression/needed_members.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace source_sentry {
namespace {

using Kind = JqToken::Kind;

/// What is within one pair of brackets, or of `if` and `end`.
struct Frame {
  std::string_view end;         // the token that ends it
  bool begins_on_input = true;  // whether `.` is the input where it begins
  bool on_input = true;         // and here
  bool binds = false;           // the next `|` ends `as $name`, which changes no `.`
  bool has_else = false;
};

class Search {
 public:
  /// False where the whole input is needed.
  bool look(const std::vector<JqToken>& tokens) {
    std::vector<Frame> frames(1);
    for (std::size_t at = 0; at < tokens.size(); ++at) {
      const JqToken& token = tokens[at];
      if (opens(token, frames)) {
        if (token.is("{") && frames.back().on_input) return false;
      } else if (token.kind == Kind::kSign && token.is("|")) {
        Frame& frame = frames.back();
        frame.on_input = frame.on_input && frame.binds;
        frame.binds = false;
      } else if (is_branch(token)) {
        Frame& frame = frames.back();
        if (frame.end != "end") return false;
        frame.on_input = frame.begins_on_input;
        frame.has_else = frame.has_else || token.is("else");
      } else if (closes(token)) {
        const Frame frame = frames.back();
        frames.pop_back();
        if (frames.empty() || !token.is(frame.end)) return false;
        if (token.is("end") && !frame.has_else) return false;
      } else if (frames.back().on_input && !look_at(tokens, at, frames.back())) {
        return false;
      }
    }
    return frames.size() == 1;
  }

  std::vector<std::string> take() { return std::move(keys_); }

 private:
  static bool is_word(const JqToken& token, std::string_view word) {
    return token.kind == Kind::kWord && token.is(word);
  }

  static bool opens(const JqToken& token, std::vector<Frame>& frames) {
    constexpr std::array<std::array<std::string_view, 2>, 3> kBrackets = {
        {{"(", ")"}, {"[", "]"}, {"{", "}"}}};
    std::string_view end;
    for (const auto& [open, close] : kBrackets) {
      if (token.kind == Kind::kSign && token.is(open)) end = close;
    }
    if (is_word(token, "if")) end = "end";
    if (end.empty()) return false;
    const bool on_input = frames.back().on_input;
    frames.push_back({.end = end, .begins_on_input = on_input, .on_input = on_input});
    return true;
  }

  static bool closes(const JqToken& token) {
    const bool is_bracket = token.is(")") || token.is("]") || token.is("}");
    return (token.kind == Kind::kSign && is_bracket) || is_word(token, "end");
  }

  static bool is_branch(const JqToken& token) {
    return is_word(token, "then") || is_word(token, "elif") || is_word(token, "else");
  }

  /// A token that is evaluated on the input. Steps over those behind it that belong to it.
  bool look_at(const std::vector<JqToken>& tokens, std::size_t& at, Frame& frame) {
    constexpr std::array<std::string_view, 6> kWords = {"and",  "or",    "true",
                                                        "null", "false", "empty"};
    constexpr std::array<std::string_view, 15> kSigns = {"?", "//", ",",  ":", "+", "-",  "*", "/",
                                                         "%", "==", "!=", "<", ">", "<=", ">="};
    const JqToken& token = tokens[at];
    const bool goes_on = at > 0 && ends_term(tokens[at - 1]);
    switch (token.kind) {
      case Kind::kField:
        if (!goes_on) need(token.text.substr(1));
        return true;
      case Kind::kNumber:
      case Kind::kVariable:
        return true;
      case Kind::kString:
        return look_into(token);
      case Kind::kWord:
        return holds(kWords, token.text) || (token.is("as") && binds(tokens, at, frame));
      case Kind::kSign:
        return holds(kSigns, token.text) || (token.is(".") && look_at_dot(tokens, at, goes_on));
      default:
        return false;
    }
  }

  bool look_into(const JqToken& text) {
    for (const std::string& inside : interpolated_in(text)) {
      if (!look(jq_tokens(inside))) return false;
    }
    return true;
  }

  /// `as $name |`: other patterns are rare.
  static bool binds(const std::vector<JqToken>& tokens, std::size_t& at, Frame& frame) {
    if (at + 2 >= tokens.size() || tokens[at + 1].kind != Kind::kVariable) return false;
    if (tokens[at + 2].kind != Kind::kSign || !tokens[at + 2].is("|")) return false;
    frame.binds = true;
    ++at;
    return true;
  }

  /// `."key"` and `.["key"]`. `goes_on`: the dot is inside of a path.
  bool look_at_dot(const std::vector<JqToken>& tokens, std::size_t& at, bool goes_on) {
    const std::size_t left = tokens.size() - at - 1;
    if (left >= 1 && tokens[at + 1].is_plain_string()) {
      if (!goes_on) need(inside_of(tokens[at + 1]));
      ++at;
      return true;
    }
    if (goes_on) return false;
    const bool is_key = left >= 3 && tokens[at + 1].is("[") && tokens[at + 2].is_plain_string() &&
                        tokens[at + 3].is("]");
    if (!is_key) return false;
    need(inside_of(tokens[at + 2]));
    at += 3;
    return true;
  }

  void need(std::string key) {
    if (!holds(keys_, key)) keys_.push_back(std::move(key));
  }

  std::vector<std::string> keys_;
};

}  // namespace

std::optional<std::vector<std::string>> needed_members(const std::vector<JqToken>& tokens) {
  Search search;
  if (!search.look(tokens)) return std::nullopt;
  return search.take();
}

}  // namespace source_sentry
