#include "mapping/custom/template.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "fakes/message_of.h"

namespace source_sentry {
namespace {

using Target = Template::Target;

std::string rendered(const std::string& text, const std::map<std::string, std::string>& values,
                     Target target = Target::kUrl) {
  const auto value = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(std::string(name));
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
  return Template(text, target, "x").render(value, value);
}

std::string refusal(const std::string& text, Target target = Target::kUrl) {
  return message_of([&] { Template(text, target, "x.url"); });
}

TEST(Template, FillsItsPlaces) {
  const std::string either =
      "{% if cursor %}{{cursor}}{% else %}https://s/api/0/{{ P.id }}/{% endif %}";
  EXPECT_EQ(rendered(either, {{"P.id", "7"}}), "https://s/api/0/7/");
  EXPECT_EQ(rendered(either, {{"cursor", "https://s/?cursor=0%3A100%3A0"}}),
            "https://s/?cursor=0%3A100%3A0");
  EXPECT_EQ(rendered("a?startAt={{ cursor }}&x=1", {}), "a?startAt=&x=1");
  EXPECT_EQ(rendered("{{ teams.slug }}/", {{"teams.slug", "a/../b c"}}), "a%2F..%2Fb%20c/");
  EXPECT_EQ(rendered("{{ a | default: 'b' }}{{ c | url_encode }}", {{"c", "/"}}, Target::kHeader),
            "b%2F");
  EXPECT_EQ(rendered("Bearer {{ 'k' | secret }}", {{"k", "s"}}, Target::kHeader), "Bearer s");
  EXPECT_EQ(rendered("plain", {}), "plain");
}

TEST(Template, TellsWhatItNeeds) {
  const Template header("{% if cursor %}{{ P.a.b }}{% endif %}{{ 'k' | secret }}", Target::kHeader,
                        "x");
  EXPECT_EQ(header.names(), (std::vector<std::string>{"cursor", "P.a.b"}));
  EXPECT_EQ(header.secrets(), std::vector<std::string>{"k"});
}

TEST(Template, TellsWhatIsMissingInWhatItRenders) {
  const auto missing = [](const char* text) {
    std::vector<std::string> names;
    Template(text, Target::kUrl, "x").render(nullptr, nullptr, &names);
    return names;
  };
  EXPECT_EQ(missing("{% if cursor %}{{ P.a }}{% else %}{{ P.b }}{% endif %}{{ P.c }}"),
            (std::vector<std::string>{"P.b", "P.c"}));
  EXPECT_EQ(missing("{% if P.a %}{{ P.a }}{% endif %}{{ P.b | default: 'x' }}"),
            std::vector<std::string>());
}

TEST(Template, RefusesTheRestOfLiquid) {
  EXPECT_EQ(refusal("{% for a in b %}{% endfor %}"),
            "x.url: there is no tag {% for %} of that form (if NAME, else, endif).");
  EXPECT_EQ(refusal("{{ a | upcase }}"),
            "x.url: there is no filter \"upcase\" (secret, url_encode, default: 'x').");
  EXPECT_EQ(refusal("{{ 'k' | secret }}"),
            "x.url: a secret belongs into a header and not into an address, which logs show.");
  EXPECT_EQ(refusal("{{ a b }}"), "x.url: {{ a b }} must be a name.");
  EXPECT_EQ(refusal("{{ a"), "x.url: {{ has no end.");
  EXPECT_EQ(refusal("{% if a %}x"), "x.url: {% if %} has no {% endif %}.");
  for (const char* unfit :
       {"{% else %}", "{% endif %}", "{% if a %}{% if b %}{% endif %}{% endif %}",
        "{% if a %}{% else %}{% else %}{% endif %}"}) {
    EXPECT_NE(refusal(unfit).find("do not fit together"), std::string::npos) << unfit;
  }
}

}  // namespace
}  // namespace source_sentry
