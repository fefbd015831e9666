#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// Knows the texts that must never be printed and replaces them. Immutable once filled, so it may
/// be shared between threads.
class Secrets {
 public:
  /// Adds one secret, together with its percent-encoded form. Texts under three characters are
  /// ignored: replacing them would only shred the message.
  void add(std::string_view secret);

  /// `text` with every secret replaced by `****`, the longest first.
  std::string redact(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;  // longest first
};

}  // namespace source_sentry
