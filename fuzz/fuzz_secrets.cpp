// Any text with any secrets in it. The first two lines are the secrets, the rest is the text.

#include <algorithm>
#include <string>

#include "base/base64.h"
#include "base/percent.h"
#include "base/secrets/secrets.h"
#include "base/text.h"
#include "property.h"

namespace source_sentry {
namespace {

std::string_view line(std::string_view& text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(first.size() + 1, text.size()));
  return first;
}

/// Percent-encoding with the digits a to f, which means the same.
std::string in_small_hex(std::string encoded) {
  for (std::size_t at = 0; (at = encoded.find('%', at)) != std::string::npos; at += 3) {
    encoded.replace(at + 1, 2, lower(encoded.substr(at + 1, 2)));
  }
  return encoded;
}

/// As JSON may write it.
std::string with_escaped_slashes(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped.append(c == '/' ? "\\/" : std::string(1, c));
  return escaped;
}

/// A secret in Base64. None where it is so short that it is not looked for in what was made up of
/// digits, or shares the last of them with what comes behind it.
std::string in_digits(std::string_view secret) {
  constexpr std::size_t kShortest = 9;
  if (secret.size() < kShortest || secret.size() % 3 != 0) return {};
  return base64_encode(secret);
}

/// The forms of a secret that must never be seen. None where the secret is too short, or made of
/// what stands in its place afterwards.
std::vector<std::string> forms(std::string_view secret) {
  constexpr std::size_t kShortest = 3;
  if (secret.size() < kShortest || secret.find('*') != std::string_view::npos) return {};
  const std::string encoded = percent_encode(secret);
  std::vector<std::string> forms = {std::string(secret), encoded, in_small_hex(encoded),
                                    with_escaped_slashes(secret)};
  if (std::string digits = in_digits(secret); !digits.empty()) forms.push_back(std::move(digits));
  return forms;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' '; });
}

void check_encoding(std::string_view text) {
  const std::string encoded = percent_encode(text);
  std::string decoded;
  for (std::size_t at = 0; at < encoded.size(); ++at) {
    const bool escape = encoded[at] == '%';
    decoded +=
        escape ? static_cast<char>(std::stoi(encoded.substr(at + 1, 2), nullptr, 16)) : encoded[at];
    at += escape ? 2 : 0;
  }
  require(decoded == text, "percent-encoding loses nothing");
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string_view first = line(input);
  const std::string_view second = line(input);
  check_encoding(first);
  Secrets secrets;
  std::vector<std::string> hidden;
  for (const std::string_view secret : {first, second}) {
    // One with a star is not added: what stands in a secret's place could make it up anew.
    if (!has(secret, "*")) secrets.add(secret);
    for (std::string& form : forms(secret)) hidden.push_back(std::move(form));
  }
  // The text as it is, and with every form in its middle.
  const std::string text(input);
  std::vector<std::string> texts = {text};
  for (const std::string& form : hidden) {
    texts.push_back(text.substr(0, text.size() / 2) + form + text.substr(text.size() / 2));
  }
  for (const std::string& one : texts) {
    const std::string shown = secrets.redact(one);
    require(one.size() <= 8 || !hidden.empty() || has(one, kCut) || shown == one,
            "a text stays as it is where there are no secrets");
    for (const std::string& form : hidden) require(!has(shown, form), "no secret is shown");
    require(secrets.redact(shown) == shown, "what is clean stays clean");
  }
  // A text that was cut inside a secret shows none of it worth the name.
  const auto is_in_digits = [&](const std::string& form) {
    return form == in_digits(first) || form == in_digits(second);
  };
  for (const std::string& form : hidden) {
    for (std::size_t most = 3; most < form.size(); ++most) {
      // Of an escape that is cut nothing is left, and under three characters say nothing.
      const std::size_t escape = form.substr(0, most).find_last_of("%\\");
      const std::string left =
          percent_decode(percent_decode(form.substr(0, std::min(most, escape))));
      if (left.size() < 3 || is_in_digits(form)) continue;
      const std::string shown = secrets.redact(excerpt(form, most));
      require(!shown.starts_with(form.substr(0, most)) || has(form.substr(0, most), kCut) ||
                  has_control(form),
              "no beginning of a secret is shown");
    }
  }
}

}  // namespace source_sentry
