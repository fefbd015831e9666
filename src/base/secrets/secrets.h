#pragma once

#include <bitset>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace source_sentry {

struct Reading;

/// Knows the texts that must never be printed and replaces them. Not thread-safe.
class Secrets {
 public:
  /// Adds one secret. Texts of fewer than three characters are ignored: replacing them would only
  /// shred the message.
  void add(std::string_view secret);

  /// Adds the login of a URL such as `http://user:password@host`, whatever characters the password
  /// has; nothing where it has no `@`.
  void add_login_of(std::string_view url);

  /// `text` with every secret replaced by `****`, in whatever form others may have written it:
  /// percent-encoded in part or twice, with the escapes of JSON or HTML, in Base64 or in
  /// hexadecimal digits, alone or as part of something longer, in capitals, broken into lines or by
  /// separators. Also the beginning of one where excerpt() or another program has cut the text.
  std::string redact(std::string_view text) const;

 private:
  std::string redact_once(std::string_view text) const;
  class Marks;
  void insert(const std::string& form);
  void find(const Reading& reading, Marks& marks) const;
  std::optional<std::size_t> begun_before(const Reading& reading, std::size_t cut) const;
  void find_begun(const Reading& reading, std::size_t begin, std::size_t cut, Marks& marks) const;
  bool may_begin(const char* two) const;

  std::set<std::string, std::less<>> secrets_;
  std::set<std::size_t> lengths_;
  std::bitset<65'536> beginnings_;  // by a secret's first two bytes
};

}  // namespace source_sentry
