#include "sentry/streams/record_secrets.h"

#include <utility>

#include "json/members.h"

namespace source_sentry {
namespace {

constexpr std::string_view kMask = "****";

/// Non-empty texts; null and "" hold no secret.
bool is_text(std::string_view value) { return value.size() > 2 && value.front() == '"'; }
bool is_object(std::string_view value) { return value.starts_with('{'); }

std::string_view inside(std::string_view text) { return text.substr(1, text.size() - 2); }

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
    if (member.key == "secret" && is_text(member.value)) return inside(member.value);
  }
  return {};
}

class Masking {
 public:
  Masking(std::string_view record, const SecretListener& found)
      : record_(record), secret_(secret_of(record)), found_(found) {}

  std::string run() const {
    return changed(record_, [this](std::string_view key, std::string_view value) -> Changed {
      if (key == "secret" || key == "securityToken") return masked(value);
      if (key == "dsn" && is_object(value)) return masked_addresses(value);
      if (key == "options" && is_object(value)) return masked_options(value);
      return std::nullopt;
    });
  }

 private:
  using Changed = std::optional<std::string>;

  void tell(std::string_view secret) const {
    if (found_) found_(secret);
  }

  Changed masked(std::string_view value) const {
    if (!is_text(value)) return std::nullopt;
    tell(inside(value));
    return std::string("\"").append(kMask).append("\"");
  }

  std::string masked_options(std::string_view options) const {
    return changed(options, [this](std::string_view key, std::string_view value) -> Changed {
      return key == "sentry:token" ? masked(value) : std::nullopt;
    });
  }

  std::string masked_addresses(std::string_view addresses) const {
    return changed(addresses, [this](std::string_view, std::string_view value) -> Changed {
      return is_text(value) ? Changed(masked_address(value)) : std::nullopt;
    });
  }

  /// `https://public:secret@host/1` loses what is between the second colon and the `@`; and any
  /// address, whatever its form, loses the key's own secret.
  std::string masked_address(std::string_view address) const {
    std::string text(address);
    if (const std::size_t at = text.find('@'); at != std::string::npos) {
      const std::size_t colon = text.rfind(':', at);
      const bool of_scheme = colon == std::string::npos || text.find_first_of("/\\", colon) < at;
      if (!of_scheme) {
        tell(address.substr(colon + 1, at - colon - 1));
        text.replace(colon + 1, at - colon - 1, kMask);
      }
    }
    constexpr std::size_t kShortest = 3;  // less would only shred the address
    if (secret_.size() < kShortest) return text;
    for (std::size_t at = 0; (at = text.find(secret_, at)) != std::string::npos;
         at += kMask.size()) {
      text.replace(at, secret_.size(), kMask);
    }
    return text;
  }

  const std::string_view record_;
  const std::string_view secret_;
  const SecretListener& found_;
};

}  // namespace

std::string without_secrets(std::string_view record, const SecretListener& found) {
  return Masking(record, found).run();
}

RecordTransform watch_secrets(bool mask, SecretListener found) {
  return [mask, found = std::move(found)](std::string_view record) {
    std::string masked = without_secrets(record, found);
    return mask && masked != record ? Transformed::into(std::move(masked))
                                    : Transformed::as_it_is();
  };
}

}  // namespace source_sentry
