#pragma once

#include <set>
#include <string>
#include <string_view>

namespace source_sentry {

/// Knows the texts that must never be printed and replaces them. Not thread-safe.
class Secrets {
 public:
  /// Adds one secret, together with the forms in which others write it: percent-encoded with
  /// capitals or small letters, and with the slashes of JSON escaped. Texts under three characters
  /// are ignored: replacing them would only shred the message.
  void add(std::string_view secret);

  /// Adds what lets somebody in from a URL such as `http://user:password@host`; nothing where it
  /// has no `@`.
  void add_login_of(std::string_view url);

  /// `text` with every secret replaced by `****`, the longest first; also the beginning of one
  /// where excerpt() has cut the text.
  std::string redact(std::string_view text) const;

 private:
  struct LongerFirst {
    bool operator()(const std::string& a, const std::string& b) const {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    }
  };
  // A project may have tens of thousands of keys: a vector in order would move them all for each.
  std::set<std::string, LongerFirst> secrets_;
};

}  // namespace source_sentry
