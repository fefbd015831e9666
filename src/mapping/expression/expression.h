#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mapping/expression/path.h"
#include "mapping/expression/row.h"
#include "mapping/jq/programs.h"

namespace source_sentry {

/// What an evaluation gave.
struct Evaluated {
  std::string_view value;  ///< JSON; empty: none. Lies in the row, or in the text that was lent
  std::string error;       ///< why there is none; empty where the expression just gave nothing
  bool worked() const { return !value.empty(); }
};

/// An expression of the configuration: a literal, a plain path, or a program of jq's. The first two
/// are answered from bytes and are exact for every number. Immutable, shared by threads.
class Expression {
 public:
  /// Takes it apart; whether jq takes a program is told by check() or by the first evaluation.
  explicit Expression(std::string text);
  /// What gives the same JSON for every record.
  static Expression literal(std::string json);

  const std::string& text() const { return text_; }
  const PlainPath* path() const { return std::get_if<PlainPath>(&way_); }
  const std::string* literal() const { return std::get_if<std::string>(&way_); }
  bool needs_jq() const { return std::holds_alternative<NeedsJq>(way_); }

  /// Compiles what jq has to. Throws ExpressionError.
  void check(JqPrograms& programs) const;

  /// The first output. `lent` is room for a result that has no bytes of its own elsewhere. Throws
  /// ExpressionError where jq cannot take the program.
  Evaluated first(MappedRow& row, JqPrograms& programs, std::string& lent) const;

  /// Hands all outputs to `take`, as JSON, until it returns false. Returns what went wrong; empty
  /// if nothing did.
  std::string each(MappedRow& row, JqPrograms& programs,
                   const std::function<bool(std::string_view)>& take) const;

 private:
  struct NeedsJq {
    std::optional<std::vector<std::string>> members;  ///< see needed_members
  };
  std::string text_;
  std::variant<NeedsJq, PlainPath, std::string> way_;
};

}  // namespace source_sentry
