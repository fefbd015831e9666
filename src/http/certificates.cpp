#include "http/certificates.h"

namespace source_sentry {
namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
constexpr std::size_t kLineLength = 64;  // RFC 7468

/// The Base64 text of a block without anything between its characters; empty when it is invalid.
std::string base64_of(std::string_view block) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  constexpr std::string_view kSpace = " \t\r\n";
  std::string text;
  for (std::size_t at = 0; at < block.size(); ++at) {
    if (kSpace.find(block[at]) != std::string_view::npos) continue;
    if (block.substr(at, 2) == "\\n" || block.substr(at, 2) == "\\r") {
      ++at;
    } else if (kDigits.find(block[at]) != std::string_view::npos) {
      text += block[at];
    } else {
      return {};
    }
  }
  return text;
}

}  // namespace

std::optional<std::string> read_certificates(std::string_view pem) {
  std::string out;
  for (std::size_t begin = pem.find(kBegin); begin != std::string_view::npos;
       begin = pem.find(kBegin)) {
    pem.remove_prefix(begin + kBegin.size());
    const std::size_t end = pem.find(kEnd);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string text = base64_of(pem.substr(0, end));
    if (text.empty()) return std::nullopt;
    out.append(kBegin).append("\n");
    for (std::size_t at = 0; at < text.size(); at += kLineLength) {
      out.append(text, at, kLineLength).append("\n");
    }
    out.append(kEnd).append("\n");
  }
  return out.empty() ? std::nullopt : std::optional(out);
}

}  // namespace source_sentry
