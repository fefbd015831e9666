#include "mapping/custom/template.h"

#include <algorithm>

#include "base/percent.h"
#include "base/text.h"
#include "mapping/shape/refuse.h"

namespace source_sentry {
namespace {

constexpr std::string_view kCursor = "cursor";

/// The inside of a text in quotes of either kind; nothing where it is no such text.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) return std::nullopt;
  if (text.front() != '\'' && text.front() != '"') return std::nullopt;
  return std::string(text.substr(1, text.size() - 2));
}

bool is_dotted_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-';
  });
}

std::vector<std::string_view> split_at_bars(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const std::size_t bar = text.find('|');
    pieces.push_back(trim(text.substr(0, bar)));
    if (bar == text.npos) return pieces;
    text.remove_prefix(bar + 1);
  }
}

}  // namespace

Template::Template(std::string_view text, Target target, const std::string& place)
    : target_(target), place_(place) {
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find("{{"), text.find("{%"));
    if (begin != 0) {
      parts_.push_back({Part::Kind::kText, std::string(text.substr(0, begin)), "", false});
      text.remove_prefix(std::min(begin, text.size()));
      continue;
    }
    const bool is_output = text.starts_with("{{");
    const std::size_t end = text.find(is_output ? "}}" : "%}");
    if (end == text.npos)
      refuse_config(place_ + ": " + std::string(text.substr(0, 2)) + " has no end.");
    std::string_view inside = text.substr(2, end - 2);
    if (inside.starts_with('-')) inside.remove_prefix(1);
    if (inside.ends_with('-')) inside.remove_suffix(1);
    parts_.push_back(is_output ? read_output(trim(inside)) : read_tag(trim(inside)));
    text.remove_prefix(end + 2);
  }
  check_ifs();
}

Template::Part Template::read_output(std::string_view inside) const {
  constexpr std::string_view kDefault = "default:";
  const auto pieces = split_at_bars(inside);
  Part part{Part::Kind::kValue, std::string(pieces.front()), "", false};
  const std::optional<std::string> literal = unquoted(pieces.front());
  if (literal) part.text = *literal;
  for (std::size_t at = 1; at < pieces.size(); ++at) {
    const std::string_view filter = pieces[at];
    if (filter == "secret" && literal) {
      part.kind = Part::Kind::kSecret;
    } else if (filter == "url_encode") {
      part.encode = true;
    } else if (const auto value = filter.starts_with(kDefault)
                                      ? unquoted(trim(filter.substr(kDefault.size())))
                                      : std::nullopt) {
      part.fallback = *value;
    } else {
      refuse_config(place_ + ": there is no filter \"" + std::string(filter) +
                    "\" (secret, url_encode, default: 'x').");
    }
  }
  if (literal && part.kind != Part::Kind::kSecret) part.kind = Part::Kind::kText;
  if (part.kind == Part::Kind::kValue && !is_dotted_name(part.text)) {
    refuse_config(place_ + ": {{ " + std::string(inside) + " }} must be a name.");
  }
  if (part.kind == Part::Kind::kSecret && target_ == Target::kUrl) {
    refuse_config(place_ +
                  ": a secret belongs into a header and not into an address, which logs show.");
  }
  return part;
}

Template::Part Template::read_tag(std::string_view inside) const {
  constexpr std::string_view kIf = "if ";
  if (inside == "else") return {Part::Kind::kElse, "", "", false};
  if (inside == "endif") return {Part::Kind::kEnd, "", "", false};
  const std::string_view name = inside.starts_with(kIf) ? trim(inside.substr(kIf.size())) : "";
  if (is_dotted_name(name)) return {Part::Kind::kIf, std::string(name), "", false};
  const std::string tag(inside.substr(0, inside.find(' ')));
  refuse_config(place_ + ": there is no tag {% " + tag +
                " %} of that form (if NAME, else, endif).");
}

void Template::check_ifs() const {
  bool is_open = false;
  bool has_else = false;
  for (const Part& part : parts_) {
    const bool opens = part.kind == Part::Kind::kIf;
    const bool turns = part.kind == Part::Kind::kElse;
    const bool closes = part.kind == Part::Kind::kEnd;
    if ((opens && is_open) || ((turns || closes) && !is_open) || (turns && has_else)) {
      refuse_config(place_ +
                    ": if, else and endif do not fit together; one if cannot be inside another.");
    }
    if (opens) has_else = false;
    if (turns) has_else = true;
    is_open = (is_open || opens) && !closes;
  }
  if (is_open) refuse_config(place_ + ": {% if %} has no {% endif %}.");
}

std::vector<std::string> Template::names() const {
  std::vector<std::string> names;
  for (const Part& part : parts_) {
    const bool has_name = part.kind == Part::Kind::kValue || part.kind == Part::Kind::kIf;
    if (has_name && !holds(names, part.text)) names.push_back(part.text);
  }
  return names;
}

std::vector<std::string> Template::secrets() const {
  std::vector<std::string> names;
  for (const Part& part : parts_) {
    if (part.kind == Part::Kind::kSecret) names.push_back(part.text);
  }
  return names;
}

std::string Template::render(const Values& values, const Values& secrets,
                             std::vector<std::string>* missing) const {
  const auto value_of = [&](const Part& part) {
    const auto& from = part.kind == Part::Kind::kSecret ? secrets : values;
    std::string value = from ? from(part.text).value_or("") : "";
    return value.empty() ? part.fallback : value;
  };
  std::string out;
  bool skips = false;
  for (const Part& part : parts_) {
    if (part.kind == Part::Kind::kIf) {
      skips = value_of(part).empty();
    } else if (part.kind == Part::Kind::kElse) {
      skips = !skips;
    } else if (part.kind == Part::Kind::kEnd) {
      skips = false;
    } else if (skips) {
      continue;
    } else if (part.kind == Part::Kind::kText) {
      out += part.text;
    } else {
      const std::string value = value_of(part);
      if (value.empty() && missing != nullptr) missing->push_back(part.text);
      const bool in_url = target_ == Target::kUrl && part.text != kCursor;
      out += part.encode || in_url ? percent_encode(value) : value;
    }
  }
  return out;
}

}  // namespace source_sentry
