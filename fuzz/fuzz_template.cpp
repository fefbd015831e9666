// Any text as a template: no secret gets into an address, and values cannot leave their place in
// it.

#include <string>

#include "json_text.h"
#include "mapping/custom/template.h"

namespace source_sentry {
namespace {

constexpr char kSecret[] = "s3cr3t";
constexpr char kValue[] = "../v?#&/ \n";

void check(std::string_view input, Template::Target target) {
  const auto read =
      unless_refused("t", [&] { return std::optional<Template>(Template(input, target, "t")); });
  if (!read || !*read) return;
  const Template& made = **read;
  const bool is_url = target == Template::Target::kUrl;
  const auto value = [&](std::string_view name) {
    return std::optional<std::string>(name == "cursor" ? "c" : kValue);
  };
  const std::string text =
      made.render(value, [](std::string_view) { return std::optional<std::string>(kSecret); });
  if (!is_url) return;
  require(made.secrets().empty(), "no secret is in an address");
  require(text.find(kValue) == std::string::npos || input.find(kValue) != input.npos,
          "a value is one part of an address");
}

}  // namespace

void fuzz(std::string_view input) {
  check(input, Template::Target::kUrl);
  check(input, Template::Target::kHeader);
}

}  // namespace source_sentry
