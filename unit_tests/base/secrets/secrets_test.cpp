#include "base/secrets/secrets.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/base64.h"
#include "base/percent.h"
#include "base/text.h"

namespace source_sentry {
namespace {

TEST(Secrets, ReplacesEveryOccurrenceLongestFirst) {
  Secrets secrets;
  secrets.add("abc");
  secrets.add("abcdef");
  EXPECT_EQ(secrets.redact("x abcdef y abc z abcdef"), "x **** y **** z ****");
}

TEST(Secrets, ReplacesThePercentEncodedFormToo) {
  Secrets secrets;
  secrets.add("a/b c=");
  EXPECT_EQ(secrets.redact("GET /?t=a%2Fb%20c%3D and a/b c="), "GET /?t=**** and ****");
}

TEST(Secrets, KnowsTheFormsThatOthersWrite) {
  Secrets secrets;
  secrets.add("a/b+c");
  EXPECT_EQ(secrets.redact("a%2fb%2bc, a%2Fb%2Bc, a\\/b+c"), "****, ****, ****");
}

TEST(Secrets, ReplacesTheBeginningOfOneWhereATextWasCut) {
  Secrets secrets;
  secrets.add("sntryu_a/b");
  const std::string text = "x sntryu_a/b y";
  for (std::size_t most = 0; most <= text.size(); ++most) {
    const std::string clean = secrets.redact("(" + excerpt(text, most) + ")");
    EXPECT_EQ(clean.find("snt"), std::string::npos) << clean;
  }
  EXPECT_EQ(secrets.redact("x snt... y sntryu_... z..."), "x ****... y ****... z...");
  EXPECT_EQ(secrets.redact(excerpt("sntryu_a%2Fb", 10)), "****...");
}

TEST(Secrets, AreFoundInEveryFormThatOthersWrite) {
  const std::string token = "sntryu_a/b+c=d0e1f2";
  Secrets secrets;
  secrets.add(token);
  std::string partly = token;
  partly.replace(7, 3, "%61%2fb");
  std::string hex;
  for (const char c : token) {
    hex += {"0123456789abcdef"[c / 16], "0123456789abcdef"[c % 16]};
  }
  std::vector<std::string> forms = {
      partly,
      percent_encode(percent_encode(token)),
      percent_encode(percent_encode(percent_encode(token))),
      "sntryu_a/b+c\\u003dd0e1f2",
      "sntryu_a\\/b\\u002Bc\\u003Dd0e1f2",
      "sntryu_a/b+c%5Cu003dd0e1f2",
      "sntryu_a/b&#43;c&#x3d;d0e1f2",
      "sntryu_a/b\\x2bc\\x3Dd0e1f2",
      "sntryu_a/\r\n b+c=d0e1f2",
      "sntryu_a/\\nb+c=d0e1f2",
      hex,
      base64_encode(base64_encode("Bearer " + token)),
      percent_encode(base64_encode(token)),
      base64_encode(percent_encode(token)),
  };
  for (const char* before : {"", "x", "xy", "xyz", "Bearer ", "{\"token\":\""}) {
    const std::string digits = base64_encode(before + token + "\"}");
    forms.push_back(digits);
    forms.push_back("ab" + digits);
    forms.push_back(digits.substr(0, 12) + "\n" + digits.substr(12));
    std::string for_urls = digits.substr(0, digits.find('='));
    std::replace(for_urls.begin(), for_urls.end(), '+', '-');
    std::replace(for_urls.begin(), for_urls.end(), '/', '_');
    forms.push_back(for_urls);
  }
  for (const std::string& form : forms) {
    const std::string shown = secrets.redact("before (" + form + ") behind");
    EXPECT_NE(shown.find("****"), std::string::npos) << form;
    EXPECT_TRUE(shown.starts_with("before (") && shown.ends_with(") behind")) << shown;
    // What stands around the token in the same digits may be seen.
    const std::string middle = form.substr(form.size() / 2, 6);
    EXPECT_EQ(shown.find(middle), std::string::npos) << form << " in " << shown;
  }
}

TEST(Secrets, AreFoundInCapitalsAndBetweenSeparators) {
  const std::string token = "5f3c1d9a7be84c02a6d1e0f94b7c8a21";
  Secrets secrets;
  secrets.add(token);
  std::string capitals = token;
  std::transform(token.begin(), token.end(), capitals.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  std::vector<std::string> forms = {capitals, token.substr(0, 9) + capitals.substr(9)};
  // What parts it: a space that does not break, what cannot be seen, marks, tags, a line of code.
  for (const char* between :
       {"\u00a0", "\u200b", "\u00ad", "-", "\" + \"", "\\\n", "<wbr>", "<br/>"}) {
    forms.push_back(token.substr(0, 16) + between + token.substr(16));
  }
  // Each of its letters, as others write one.
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto spelled = [&](const std::string& before, const std::string& behind) {
    std::string form;
    for (const char c : token) {
      form += before;
      form +=
          {kDigits[static_cast<std::size_t>(c) / 16], kDigits[static_cast<std::size_t>(c) % 16]};
      form += behind;
    }
    return form;
  };
  for (const auto& [before, behind] : std::vector<std::pair<std::string, std::string>>{
           {"=", ""}, {"", ":"}, {"%u00", ""}, {"\\u{", "}"}, {"\\U000000", ""}, {"&#x", ""}}) {
    forms.push_back(spelled(before, behind));
  }
  std::string octal;
  std::string decimal;
  std::string apart;
  for (const char c : token) {
    octal += {'\\', static_cast<char>('0' + c / 64), static_cast<char>('0' + c / 8 % 8),
              static_cast<char>('0' + c % 8)};
    decimal += "&#" + std::to_string(static_cast<int>(c));
    apart += {c, ','};
  }
  forms.insert(forms.end(), {octal, decimal, apart});
  for (const std::string& form : forms) {
    const std::string shown = secrets.redact("before (" + form + ") behind");
    EXPECT_NE(shown.find("****"), std::string::npos) << form;
    EXPECT_TRUE(shown.starts_with("before (") && shown.ends_with(") behind")) << shown;
    EXPECT_EQ(shown.find(form.substr(form.size() / 2, 6)), std::string::npos) << form << shown;
  }
  EXPECT_EQ(secrets.redact("x " + token.substr(0, 20) + "\u2026 y"), "x ****\u2026 y");
}

TEST(Secrets, AreFoundBehindWhatLooksLikeAnEscape) {
  const std::string secret = "secret123";
  const std::string digits = "c2VjcmV0MTIz";
  ASSERT_EQ(base64_encode(secret), digits);
  Secrets secrets;
  secrets.add(secret);
  secrets.add("pa+ss/word");
  // The escape, or tag, that each of them might be takes the secret's beginning, or all of it.
  for (const std::string& text :
       {"<" + digits + ">", "<b>" + digits + "<" + digits + ">", "%" + digits, "\\x" + digits,
        "%3C" + digits + "%3E", "&lt;" + digits + "&gt;", base64_encode("<" + digits + ">"),
        std::string("%736563726574313233"), std::string("<secr et123>"),
        std::string("<pa&#43;ss/word>"), std::string("<pa%252Bss%252Fword>"),
        std::string("<pa+<wbr>ss/word>")}) {
    const std::string shown = secrets.redact("before (" + text + ") behind");
    EXPECT_NE(shown.find("****"), std::string::npos) << text;
    EXPECT_TRUE(shown.starts_with("before (") && shown.ends_with(") behind")) << shown;
    for (const char* part : {"VjcmV0MT", "6563726574", "et123", "ss"}) {
      EXPECT_EQ(shown.find(part), std::string::npos) << part << " of " << text << " in " << shown;
    }
  }
}

TEST(Secrets, AreHiddenHoweverOftenOneBegins) {
  Secrets secrets;
  secrets.add("abcdefghijklmnop");
  std::string text;
  constexpr int kMany = 20;
  for (int i = 0; i < kMany; ++i) text += "abcdefghijkl ";
  EXPECT_EQ(secrets.redact(text + "..."), "****...");
  EXPECT_EQ(secrets.redact("x " + text + "... " + text + "..."), "x ****...");
  // One that a mask would continue, so that each mask makes a new beginning.
  secrets.add("uvw****uvw****uvw");
  text.clear();
  for (int i = 0; i < kMany; ++i) text += "uvw";
  EXPECT_EQ(secrets.redact(text + "...").find("uvw"), std::string::npos);
}

TEST(Secrets, KnowsTheLoginOfAnAddress) {
  Secrets secrets;
  secrets.add_login_of("http://user:p%40ss@proxy:3128");
  secrets.add_login_of("http://nobody");
  secrets.add_login_of("http://svc:20/24#Winter?@proxy:3128");
  EXPECT_EQ(secrets.redact("20/24#Winter?, 20%2F24#Winter%3F"), "****, ****");
  EXPECT_EQ(secrets.redact("user:p%40ss, p%40ss, p@ss, user, proxy:3128"),
            "****, ****, ****, user, proxy:3128");
}

TEST(Secrets, AreFoundAmongThousands) {
  Secrets secrets;
  const auto key = [](std::size_t i) {
    return std::to_string(i * 7919) + "-key-" + std::string(i % 40, 'k');
  };
  constexpr std::size_t kMany = 10'000;
  for (std::size_t i = 0; i < kMany; ++i) secrets.add(key(i));
  for (std::size_t i = 0; i < kMany; ++i) secrets.add(key(i));  // once more, each
  for (const std::size_t i : {std::size_t{0}, std::size_t{39}, kMany / 2, kMany - 1}) {
    EXPECT_EQ(secrets.redact("<" + key(i) + ">"), "<****>") << i;
  }
  EXPECT_EQ(secrets.redact("<7918-kex->"), "<7918-kex->");
}

TEST(Secrets, LeavesTextsWithoutSecretsAlone) {
  Secrets secrets;
  secrets.add("");
  secrets.add("ab");
  EXPECT_EQ(secrets.redact("abstract"), "abstract");
}

}  // namespace
}  // namespace source_sentry
