#include "sentry/record_secrets.h"

#include <utility>

#include "json/members.h"

namespace source_sentry {
namespace {

constexpr std::string_view kMask = "****";

/// Texts that say something; null and "" hold no secret.
bool is_text(std::string_view value) { return value.size() > 2 && value.front() == '"'; }
bool is_object(std::string_view value) { return value.starts_with('{'); }

std::string masked_text() { return std::string("\"").append(kMask).append("\""); }

/// `object` with the values for which `change(key, value)` returns another one.
template <typename Change>
std::string changed(std::string_view object, Change change) {
  std::string out;
  std::size_t copied = 0;
  for (const Member& member : top_level_members(object)) {
    const std::optional<std::string> value = change(member.key, member.value);
    if (!value) continue;
    const auto begin = static_cast<std::size_t>(member.value.data() - object.data());
    out.append(object, copied, begin - copied).append(*value);
    copied = begin + member.value.size();
  }
  return out.append(object, copied);
}

/// The inside of the key's `secret`; empty without one.
std::string_view secret_of(std::string_view key) {
  for (const Member& member : top_level_members(key)) {
    if (member.key == "secret" && is_text(member.value)) {
      return member.value.substr(1, member.value.size() - 2);
    }
  }
  return {};
}

/// `https://public:secret@host/1` loses what stands between the second colon and the `@`; and any
/// address, whatever its form, loses the key's own secret.
std::string masked_dsn(std::string_view dsn, std::string_view secret) {
  std::string text(dsn);
  if (const std::size_t at = text.find('@'); at != std::string::npos) {
    const std::size_t colon = text.rfind(':', at);
    const bool of_scheme = colon == std::string::npos || text.find_first_of("/\\", colon) < at;
    if (!of_scheme) text.replace(colon + 1, at - colon - 1, kMask);
  }
  constexpr std::size_t kShortest = 3;  // less would only shred the address
  if (secret.size() < kShortest) return text;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += kMask.size()) {
    text.replace(at, secret.size(), kMask);
  }
  return text;
}

}  // namespace

std::string without_secrets(std::string_view record) {
  const std::string_view secret = secret_of(record);
  using Changed = std::optional<std::string>;
  return changed(record, [&](std::string_view key, std::string_view value) -> Changed {
    if (key == "secret" || key == "securityToken") {
      return is_text(value) ? Changed(masked_text()) : std::nullopt;
    }
    if (key == "dsn" && is_object(value)) {
      return changed(value, [&](std::string_view, std::string_view address) -> Changed {
        return is_text(address) ? Changed(masked_dsn(address, secret)) : std::nullopt;
      });
    }
    if (key == "options" && is_object(value)) {
      return changed(value, [](std::string_view option, std::string_view set) -> Changed {
        const bool is_token = option == "sentry:token" && is_text(set);
        return is_token ? Changed(masked_text()) : std::nullopt;
      });
    }
    return std::nullopt;
  });
}

RecordMapper mask_secrets(RecordMapper inner) {
  return [inner = std::move(inner)](std::string_view record,
                                    Fetcher& fetcher) -> std::optional<std::string> {
    if (!inner) return without_secrets(record);
    const auto mapped = inner(record, fetcher);
    return mapped ? std::optional(without_secrets(*mapped)) : std::nullopt;
  };
}

}  // namespace source_sentry
