#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace source_sentry {

/// Why what a person wants from Sentry's form cannot be done. The message is shown to that person.
class FormError : public ConnectorError {
 public:
  /// `status`: of the answer to Sentry. `detail`: for our log.
  FormError(int status, std::string message, std::string detail = {})
      : ConnectorError(status >= 500 ? FailureKind::kTransient : FailureKind::kConfig,
                       std::move(message), std::move(detail)),
        status_(status) {}

  int status() const { return status_; }

  /// Notion's own word, such as "validation_error"; empty where Notion said none.
  std::string code{};
  /// Whether Notion may have done what was asked of it all the same.
  bool may_be_done = false;

 private:
  int status_;
};

}  // namespace source_sentry
