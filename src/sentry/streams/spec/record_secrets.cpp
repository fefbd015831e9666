#include "sentry/streams/spec/record_secrets.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "json/members.h"

namespace source_sentry {
namespace {

constexpr std::string_view kMask = "****";
constexpr std::array<std::string_view, 4> kSecrets = {"secret", "securityToken", "clientSecret",
                                                      "code"};
/// What the names of secret settings hold, as "integration_key" and "api_token" do.
constexpr std::array<std::string_view, 4> kSecretWords = {"key", "token", "secret", "password"};
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

bool sounds_secret(std::string_view key) {
  const std::string name = lower(key);
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return name.find(word) != name.npos; });
}

/// Non-empty texts; null and "" hold no secret.
bool is_text(std::string_view value) { return value.size() > 2 && value.front() == '"'; }
bool is_object(std::string_view value) { return value.starts_with('{'); }

std::string_view inside(std::string_view text) { return text.substr(1, text.size() - 2); }

/// A copy of a text in which some of its parts are replaced, one after the other.
class Copy {
 public:
  explicit Copy(std::string_view text) : text_(text) {}

  void replace(std::string_view part, std::string_view with) {
    const auto begin = static_cast<std::size_t>(part.data() - text_.data());
    out_.append(text_, copied_, begin - copied_).append(with);
    copied_ = begin + part.size();
  }

  std::string finish() { return std::move(out_.append(text_, copied_)); }

 private:
  const std::string_view text_;
  std::string out_;
  std::size_t copied_ = 0;
};

/// `object` with the values for which `change(key, value)` returns another one.
template <typename Change>
std::string changed(std::string_view object, Change change) {
  Copy copy(object);
  for (const Member& member : top_level_members(object)) {
    const std::optional<std::string> value = change(member.key, member.value);
    if (value) copy.replace(member.value, *value);
  }
  return copy.finish();
}

/// The same for the elements of `array`.
template <typename Change>
std::string changed_elements(std::string_view array, Change change) {
  Copy copy(array);
  for (const std::string_view element : elements_of(array)) {
    const std::optional<std::string> value = change(element);
    if (value) copy.replace(element, *value);
  }
  return copy.finish();
}

/// The inside of the key's `secret`; empty without one.
std::string_view secret_of(std::string_view key) {
  for (const Member& member : top_level_members(key)) {
    if (member.key == "secret" && is_text(member.value)) return inside(member.value);
  }
  return {};
}

/// Other records have a `key` that is a name.
bool is_api_key(std::string_view record) {
  return !member_value(record, "scope_list").empty() ||
         !member_value(record, "allowed_origins").empty();
}

class Masking {
 public:
  Masking(std::string_view record, const SecretListener& found)
      : record_(record),
        secret_(secret_of(record)),
        is_api_key_(is_api_key(record)),
        found_(found) {}

  std::string run() const {
    return changed(record_, [this](std::string_view key, std::string_view value) -> Changed {
      if (holds(kSecrets, key)) return masked(value);
      if (key == "webhookHeaders" || key == "headers") return masked_headers(value);
      if (key == "configData" || key == "config" || key == "projectConfigs") {
        return masked_settings(value);
      }
      if (key == "key" && is_api_key_) return masked(value);
      if (key == "doc") return masked_instructions(value);
      if (key == "plugins") return masked_plugins(value);
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

  /// Headers are texts such as "Authorization: Bearer x", or pairs of a name and a value; only the
  /// names stay.
  Changed masked_headers(std::string_view headers) const {
    if (!headers.starts_with('[')) return std::nullopt;
    return changed_elements(headers, [this](std::string_view header) -> Changed {
      if (is_text(header)) return masked_header(header);
      const auto pair = elements_of(header);
      if (pair.size() != 2) return std::nullopt;
      return changed_elements(header, [&](std::string_view part) -> Changed {
        return part.data() == pair[1].data() ? masked(part) : std::nullopt;
      });
    });
  }

  Changed masked_header(std::string_view header) const {
    const std::size_t colon = header.find(':');
    const std::size_t begin = colon == header.npos ? 1 : colon + 1;
    const std::string_view value = trim(header.substr(begin, header.size() - 1 - begin));
    if (value.empty()) return std::nullopt;
    tell(value);
    return std::string(header.substr(0, begin)).append(kMask).append("\"");
  }

  /// What a plugin says of how to set it up may name the address that takes releases:
  /// ".../hooks/release/PLUGIN/PROJECT/SIGNATURE/". Its last part lets anybody write them.
  Changed masked_instructions(std::string_view text) const {
    constexpr std::string_view kAddress = "/hooks/release/";
    if (!is_text(text)) return std::nullopt;
    Copy copy(text);
    bool masked_any = false;
    for (std::size_t at = 0; (at = text.find(kAddress, at)) != text.npos;) {
      at += kAddress.size();
      for (int parts = 0; parts < 2 && at < text.size(); ++parts) {
        at = std::min(text.find('/', at), text.size() - 1) + 1;
      }
      const std::size_t end = std::min(text.find_first_not_of(kHexDigits, at), text.size());
      if (end == at) continue;
      tell(text.substr(at, end - at));
      copy.replace(text.substr(at, end - at), kMask);
      masked_any = true;
    }
    return masked_any ? Changed(copy.finish()) : std::nullopt;
  }

  /// Old servers send them with each project.
  Changed masked_plugins(std::string_view plugins) const {
    if (!plugins.starts_with('[')) return std::nullopt;
    return changed_elements(plugins, [this](std::string_view plugin) -> Changed {
      if (!is_object(plugin)) return std::nullopt;
      return changed(plugin, [this](std::string_view key, std::string_view value) {
        return key == "doc" ? masked_instructions(value) : std::nullopt;
      });
    });
  }

  /// The settings of an integration or a forwarder, at any depth.
  Changed masked_settings(std::string_view value) const {
    if (value.starts_with('[')) {
      return changed_elements(value, [this](auto element) { return masked_settings(element); });
    }
    if (!is_object(value)) return std::nullopt;
    return changed(value, [this](std::string_view key, std::string_view inner) -> Changed {
      if (is_text(inner)) return sounds_secret(key) ? masked(inner) : std::nullopt;
      return masked_settings(inner);
    });
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
  const bool is_api_key_;
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
