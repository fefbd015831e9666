#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace source_sentry {

/// Who can fix a failure; the protocol's `failure_type`.
enum class FailureKind {
  kConfig,     ///< the person who filled in the configuration
  kTransient,  ///< no one: try again later
  kSystem,     ///< us, or the server's owner
};

/// The only exception this program throws on purpose. `what()` is for the person in Airbyte's form:
/// one sentence that says what is wrong and one that says what to do. `detail()` is for the log.
///
/// Failures of one cause are told in full once. So an error may know what its message has in common
/// with those of others, its cause(), and what only it says.
class ConnectorError : public std::exception {
 public:
  /// `cause`: the message itself if it is empty.
  ConnectorError(FailureKind kind, std::string message, std::string detail = {},
                 std::string cause = {})
      : kind_(kind),
        message_(std::move(message)),
        detail_(std::move(detail)),
        cause_(std::move(cause)) {}

  /// The same error, which also says what it led to in this place.
  ConnectorError with(const std::string& particulars) const {
    ConnectorError error(kind_, message_ + " " + particulars, detail_, cause());
    error.particulars_ = particulars_.empty() ? particulars : particulars_ + " " + particulars;
    return error;
  }

  /// The same error, sharing its cause with those that have other words in that place.
  ConnectorError but_for(std::string_view words) const {
    std::string common = cause();
    if (const std::size_t at = common.find(words); at != common.npos) {
      common.erase(at, words.size());
    }
    return {kind_, message_, detail_, common};
  }

  FailureKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const std::string& detail() const { return detail_; }
  const std::string& cause() const { return cause_.empty() ? message_ : cause_; }
  const std::string& particulars() const { return particulars_; }
  /// "HTTP 500": the answer that it is about, from its detail; empty where it is not about one.
  std::string answer() const {
    constexpr std::string_view kMark = "HTTP ";
    constexpr std::size_t kStatusDigits = 3;
    const std::size_t at = detail_.find(kMark);
    return at == detail_.npos ? "" : detail_.substr(at, kMark.size() + kStatusDigits);
  }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  FailureKind kind_;
  std::string message_;
  std::string detail_;
  std::string cause_;
  std::string particulars_;
};

/// What users of the official connector know, and what its tests look for.
inline constexpr std::string_view kConfigErrorPrefix = "Config validation error: ";

/// Several mistakes of a configuration; the message has them one behind the other, the first
/// kMostTold of them.
class Mistakes : public ConnectorError {
 public:
  static constexpr std::size_t kMostTold = 20;

  explicit Mistakes(std::vector<std::string> list);
  const std::vector<std::string>& list() const { return list_; }

 private:
  std::vector<std::string> list_;
};

/// Reads part after part, whatever is wrong with one of them, so that people are told of all at
/// once.
class EveryMistake {
 public:
  /// Whether it went well.
  template <typename Read>
  bool operator()(Read read) {
    try {
      read();
      return true;
    } catch (const ConnectorError& error) {
      add(error);
      return false;
    }
  }

  bool empty() const { return wrong_.empty(); }

  /// Throws Mistakes that says all that was wrong; does nothing where all was right.
  void finish() const;

 private:
  void add(const ConnectorError& error);

  std::vector<std::string> wrong_;
};

/// The message for when memory has run out.
inline std::string no_memory_for(const std::string& what) {
  return "Reading " + what +
         " failed: there is not enough memory. Give the connector more, or set num_workers lower.";
}

}  // namespace source_sentry
