#include "live/notion/users.h"

#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "base/percent.h"
#include "base/text.h"
#include "live/notion/text/case_fold.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostOptions = 10;
constexpr int kMostPages = 1'000;  // of 100 users
constexpr std::chrono::minutes kBetweenRefreshes(1);

/// SHA-256 of the address in lower case; empty for none.
std::string digest_of(const std::string& email) {
  if (email.empty()) return {};
  const std::string text = case_folded(email);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_sha256(), nullptr);
  std::string digits;
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (unsigned i = 0; i < size; ++i) {
    digits += kDigits[bytes[i] >> 4];
    digits += kDigits[bytes[i] & 0xFU];
  }
  return digits;
}

std::vector<FormOption> matching(const Json& users, const std::string& text) {
  const std::string wanted = case_folded(text);
  std::vector<FormOption> options;
  for (const Json& user : users) {
    const std::string name = text_member(user, "name");
    if (options.size() == kMostOptions) break;
    if (case_folded(name).find(wanted) != std::string::npos) {
      options.push_back({name, text_member(user, "id")});
    }
  }
  return options;
}

/// A name that is an e-mail address is none to show.
bool is_shown(const std::string& name) {
  return !name.empty() && (name.find('@') == name.npos || name.find(' ') != name.npos);
}

}  // namespace

Users::Users(const NotionSettings& settings, NotionClient& client, Documents& documents,
             Clock& clock)
    : client_(client),
      documents_(documents),
      clock_(clock),
      key_("source-sentry:notion:" +
           (settings.data_source_id.empty() ? settings.database_id : settings.data_source_id) +
           ":users:v1") {}

Json Users::read(const NotionPatience& patience) const {
  Json users = Json::array();
  std::string cursor;
  for (int i = 0; i < kMostPages; ++i) {
    const Json page = client_.get(
        "users?page_size=100" + (cursor.empty() ? "" : "&start_cursor=" + percent_encode(cursor)),
        patience);
    for (const Json& user : page.value("results", Json::array())) {
      const std::string name(trim(without_controls(text_member(user, "name"))));
      if (text_member(user, "type") != "person" || !is_shown(name)) continue;
      const Json* person = member(user, "person");
      const std::string email = person == nullptr ? "" : text_member(*person, "email");
      Json kept = {{"id", text_member(user, "id")}, {"name", name}};
      if (!email.empty()) kept["email_sha256"] = digest_of(email);
      users.push_back(std::move(kept));
    }
    cursor = text_member(page, "next_cursor");
    if (!page.value("has_more", false) || cursor.empty()) break;
  }
  return users;
}

Json Users::known(const NotionPatience& patience) {
  return documents_.get(key_, [this, patience] { return read(patience); });
}

/// Somebody new may have been typed; somebody who mistypes must not cost a list each time.
bool Users::may_look_again() {
  const std::scoped_lock lock(mutex_);
  const Instant now = clock_.steady_now();
  if (looked_ && now - *looked_ < kBetweenRefreshes) return false;
  looked_ = now;
  return true;
}

std::vector<FormOption> Users::search(const std::string& text) {
  auto options = matching(known(kBeforeAForm), text);
  if (!options.empty() || text.empty() || !may_look_again()) return options;
  return matching(documents_.renew(key_, [this] { return read(kBeforeAForm); }), text);
}

std::optional<std::string> Users::id_of(const std::string& name, const std::string& email) {
  const Json users = known(kBehindAForm);
  const std::string digest = digest_of(email);
  const std::string wanted = case_folded(name);
  std::optional<std::string> found;
  int named = 0;
  for (const Json& user : users) {
    if (!digest.empty() && text_member(user, "email_sha256") == digest) {
      return text_member(user, "id");
    }
    if (wanted.empty() || case_folded(text_member(user, "name")) != wanted) continue;
    ++named;
    found = text_member(user, "id");
  }
  return named == 1 ? found : std::nullopt;
}

}  // namespace source_sentry
