#include "base/secrets/login.h"

namespace source_sentry {
namespace {

/// Where the part after `scheme://` begins.
std::size_t behind_scheme(std::string_view url) {
  const std::size_t mark = url.find("://");
  return mark == std::string_view::npos ? 0 : mark + 3;
}

}  // namespace

std::string_view login_of(std::string_view url) {
  url.remove_prefix(behind_scheme(url));
  url = url.substr(0, url.find_first_of("/?#"));
  const std::size_t at = url.rfind('@');
  return at == std::string_view::npos ? std::string_view() : url.substr(0, at);
}

std::string without_login(std::string_view url) {
  const std::size_t at = url.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  const std::size_t start = behind_scheme(url);
  return std::string(url.substr(0, start < at ? start : 0)).append("****").append(url.substr(at));
}

}  // namespace source_sentry
