#pragma once

#include <exception>
#include <string>
#include <utility>

namespace source_sentry {

/// Who can mend a failure; the protocol's `failure_type`.
enum class FailureKind {
  kConfig,     ///< the person who filled in the configuration
  kTransient,  ///< nobody: try again later
  kSystem,     ///< us, or the server's owner
};

/// The only exception this program throws on purpose. `what()` is for the person in Airbyte's form:
/// one sentence that says what is wrong and one that says what to do. `detail()` is for the log.
class ConnectorError : public std::exception {
 public:
  ConnectorError(FailureKind kind, std::string message, std::string detail = {})
      : kind_(kind), message_(std::move(message)), detail_(std::move(detail)) {}

  FailureKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const std::string& detail() const { return detail_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  FailureKind kind_;
  std::string message_;
  std::string detail_;
};

/// The message where memory has run out.
inline std::string no_memory_for(const std::string& what) {
  return "Reading " + what +
         " failed: there is not enough memory. Give the connector more, or set num_workers lower.";
}

}  // namespace source_sentry
