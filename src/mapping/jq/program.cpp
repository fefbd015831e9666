#include "mapping/jq/program.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "mapping/jq/jq_tokens.h"
#include "mapping/jq/libjq.h"
#include "mapping/jq/prelude.h"

namespace source_sentry {
namespace {

constexpr std::size_t kShown = 200;  // of an expression or a value, in messages

/// "line 1, column 9 of: .id + (.b | tostrng)"
std::string place_of(std::string_view expression, std::size_t offset) {
  const std::string_view before = expression.substr(0, offset);
  const std::size_t line =
      1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_begin = before.rfind('\n') + 1;  // 0 where there is none
  return " (line " + std::to_string(line) + ", column " + std::to_string(offset - line_begin + 1) +
         " of: " + excerpt(expression, kShown) + ")";
}

/// The offset of the token on which jq's line `line` lies, where each token has a line of its own
/// behind the prelude's; the expression's end where jq has read to its end.
std::size_t offset_of_line(const std::vector<JqToken>& tokens, std::size_t line,
                           std::size_t expression_size) {
  std::size_t token_line = 2;
  for (const JqToken& token : tokens) {
    token_line +=
        1 + static_cast<std::size_t>(std::count(token.text.begin(), token.text.end(), '\n'));
    if (line < token_line) return token.offset;
  }
  return expression_size;
}

/// What jq says when it compiles, without what makes sense on its own command line only.
struct Complaint {
  std::string text;
  std::size_t line = 0;  // jq's; 0: unknown
};

Complaint read_complaint(std::string_view said) {
  Complaint complaint;
  constexpr std::string_view kBegin = "jq: error: ";
  constexpr std::string_view kPlace = " at <top-level>, line ";
  constexpr std::string_view kShell = " (Unix shell quoting issues?)";
  if (said.starts_with(kBegin)) said.remove_prefix(kBegin.size());
  if (const std::size_t at = said.find(kPlace); at != said.npos) {
    const std::string_view line = said.substr(at + kPlace.size());
    std::from_chars(line.data(), line.data() + line.size(), complaint.line);
    said = said.substr(0, at);
  }
  complaint.text = said;
  if (const std::size_t at = complaint.text.find(kShell); at != std::string::npos) {
    complaint.text.erase(at, kShell.size());
  }
  return complaint;
}

std::string plainly(const Complaint& complaint, const JqToken* token) {
  constexpr std::string_view kUndefined = " is not defined";
  constexpr std::string_view kSyntax = "syntax error, unexpected ";
  if (complaint.text.ends_with(kUndefined)) {
    return "jq does not know " +
           complaint.text.substr(0, complaint.text.size() - kUndefined.size());
  }
  if (!complaint.text.starts_with(kSyntax)) return "jq refuses it: " + complaint.text;
  if (complaint.text.starts_with("syntax error, unexpected $end") || token == nullptr) {
    return "the expression ends too early for jq";
  }
  return "jq does not expect " + excerpt(token->text, kShown);
}

const JqToken* token_at(const std::vector<JqToken>& tokens, std::size_t offset) {
  for (const JqToken& token : tokens) {
    if (token.offset == offset) return &token;
  }
  return nullptr;
}

/// Throws where it is plain before jq is asked that it must not get the expression.
void check_words(std::string_view expression, const std::vector<JqToken>& tokens) {
  check_characters(expression);
  if (tokens.empty())
    throw ExpressionError("the expression is empty; a dot takes the record whole");
  for (const JqToken& token : tokens) {
    if (token.is("import") || token.is("include")) {
      throw ExpressionError("modules are not available here" + place_of(expression, token.offset));
    }
    if (token.is("$__loc__") || token.is("$__prog_args")) {
      throw ExpressionError(token.text + " is not available here" +
                            place_of(expression, token.offset));
    }
    if (token.kind == JqToken::Kind::kUnknown && token.is("'")) {
      throw ExpressionError("jq wants double quotes around a text, not '" +
                            place_of(expression, token.offset));
    }
  }
}

std::string message_text(jv message) {
  OwnedJv owned(message);
  if (jv_get_kind(owned.get()) != JV_KIND_STRING) {
    owned = OwnedJv(jv_dump_string(owned.release(), 0));
  }
  return excerpt(jv_string_value(owned.get()), kShown);
}

}  // namespace

void check_characters(std::string_view expression) {
  if (expression.size() > kLongestExpression) {
    throw ExpressionError("an expression of more than 64 KiB");
  }
  for (std::size_t at = 0; at < expression.size(); ++at) {
    const auto c = static_cast<unsigned char>(expression[at]);
    if (c < 0x20 && c != '\n' && c != '\t' && c != '\r') {
      throw ExpressionError("a control character" + place_of(expression, at));
    }
  }
}

class JqProgram::Impl {
 public:
  explicit Impl(std::string_view expression) : jq_(jq_init()) {
    if (jq_ == nullptr) throw std::bad_alloc();
    // jq_init of 1.6 leaves these as they were in memory.
    jq_set_input_cb(jq_, nullptr, nullptr);
    jq_set_debug_cb(jq_, nullptr, nullptr);
    jq_set_nomem_handler(jq_, nullptr, nullptr);
    jq_set_error_cb(
        jq_,
        [](void* said, jv message) {
          const OwnedJv text(jq_format_error(message));
          static_cast<std::vector<std::string>*>(said)->emplace_back(jv_string_value(text.get()));
        },
        &said_);
    try {
      compile(expression);
    } catch (...) {
      jq_teardown(&jq_);
      throw;
    }
  }
  ~Impl() { jq_teardown(&jq_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  jq_state* jq() { return jq_; }

 private:
  /// Each token on a line of its own: jq tells lines and no columns.
  void compile(std::string_view expression) {
    std::vector<JqToken> tokens = jq_tokens(expression);
    check_words(expression, tokens);
    spell_for_jq_1_6(tokens);
    std::string text(kPrelude);
    for (const JqToken& token : tokens) text.append("\n").append(token.text);
    // Arguments as an array are freed twice by older packages of Debian.
    if (jq_compile_args(jq_, text.c_str(), jv_object()) == 1) return;
    const Complaint complaint = read_complaint(said_.empty() ? "unknown" : said_.front());
    if (complaint.line < 2) throw ExpressionError(plainly(complaint, nullptr));
    const std::size_t offset = offset_of_line(tokens, complaint.line, expression.size());
    throw ExpressionError(plainly(complaint, token_at(tokens, offset)) +
                          place_of(expression, offset));
  }

  jq_state* jq_;
  std::vector<std::string> said_;
};

JqProgram::JqProgram(std::string_view expression) : impl_(std::make_unique<Impl>(expression)) {}
JqProgram::~JqProgram() = default;

std::string JqProgram::run(const JqValue& input, const std::function<bool(JqValue)>& take) {
  jq_start(impl_->jq(), jv_copy(std::bit_cast<jv>(input.bytes_)), 0);
  for (std::size_t outputs = 0;; ++outputs) {
    jv next = jq_next(impl_->jq());
    if (jv_get_kind(next) == JV_KIND_INVALID) {
      if (jv_invalid_has_msg(jv_copy(next)) != 0) return message_text(jv_invalid_get_msg(next));
      jv_free(next);
      return jq_halted(impl_->jq()) != 0 ? "the expression ended jq" : "";
    }
    JqValue output(std::bit_cast<JqValue::Bytes>(next));
    if (outputs == kMostOutputs) return "more than 100000 outputs for one record";
    if (!take(std::move(output))) return {};
  }
}

}  // namespace source_sentry
