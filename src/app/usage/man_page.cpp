#include "app/usage/man_page.h"

#include <algorithm>
#include <cctype>

#include "app/usage/texts.h"
#include "base/version.h"

namespace source_sentry {
namespace {

/// `text` as roff shows it character by character, at the beginning of a line or within one.
std::string roff(const std::string& text) {
  std::string out;
  if (text.starts_with('.')) out = "\\&";
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";  // and not a hyphen, so that it can be searched and copied
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '"':
        out += "\\(dq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '^':
        out += "\\(ha";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string heading(const std::string& title) { return ".SH " + roff(capitals(title)) + "\n"; }

/// A paragraph below a term; the term is roff already.
std::string tagged(const std::string& term, const std::string& text) {
  return ".TP\n" + term + "\n" + roff(text) + "\n";
}

/// "--format jsonl|csv": what the page says of a flag or an argument. Values that are listed are
/// literal, others stand for something.
std::string term_of(const OptionOutline& option) {
  std::string term = bold(option.name);
  if (!option.letter.empty()) term = bold(option.letter) + ", " + term;
  if (option.type.empty() || option.type == option.name) return term;
  return term + " " + (option.listed.empty() ? italic(option.type) : bold(option.type));
}

/// Those of a group, as paragraphs.
std::string flags_in(const CommandOutline& command, const std::string& group) {
  std::string out;
  for (const OptionOutline& flag : command.flags) {
    if (flag.group == group) out += tagged(term_of(flag), flag.help);
  }
  return out;
}

constexpr const char* kOwnGroup = "Options";      // CLI11's name for flags that are in no group
constexpr const char* kSharedGroup = "Settings";  // the group of those that several commands have

std::string commands_of(const Outline& outline) {
  std::string out = heading("Commands");
  for (const CommandOutline& command : outline.commands) {
    std::string term = bold(command.name);
    for (const OptionOutline& argument : command.arguments) {
      term += " " + (argument.required ? italic(argument.name) : "[" + italic(argument.name) + "]");
    }
    out += tagged(term, command.help + ".");
    std::string options;
    for (const OptionOutline& argument : command.arguments) {
      options += tagged(term_of(argument), argument.help);
    }
    CommandOutline own = command;
    std::erase_if(own.flags, [](const OptionOutline& flag) { return flag.name == "--help"; });
    options += flags_in(own, kOwnGroup);
    if (!options.empty()) out += ".RS\n" + options + ".RE\n";
  }
  return out;
}

/// The flags that several commands share, once.
std::string shared_flags(const Outline& outline) {
  std::string names, flags;
  for (const CommandOutline& command : outline.commands) {
    const std::string own = flags_in(command, kSharedGroup);
    if (own.empty()) continue;
    names.append(names.empty() ? "" : ", ").append(bold(command.name));
    flags = own;
  }
  return heading(kSharedGroup) + "These flags belong to " + names + ".\n" + flags;
}

std::string section_page(const Section& part) {
  std::string out = heading(part.title);
  for (const auto& [term, text] : part.rows) {
    if (part.command_lines) {
      out += ".PP\n" + roff(term) + "\n.PP\n.RS 4\n.nf\n" + bold(text) + "\n.fi\n.RE\n";
    } else {
      out += tagged(bold(term), text);
    }
  }
  return out;
}

}  // namespace

std::string man_page(const Outline& outline) {
  std::string summary = kSummary;
  summary.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(summary.front())));
  summary.pop_back();  // the period
  std::string out =
      ".TH SOURCE\\-SENTRY 1 \"\" \"source\\-sentry " + roff(kVersion) +
      "\" \"User Commands\"\n.nh\n.ad l\n";  // no hyphens, and lines as long as their words
  out += heading("Name") + roff("source-sentry") + " \\- " + roff(summary) + "\n";
  out += heading("Synopsis") + bold("source-sentry") + " [" + italic("OPTIONS") + "] " +
         italic("COMMAND") + " [" + italic("OPTIONS") + "]\n";
  out += heading("Description") + roff(kSummary) + "\n" + roff(kDescription) + "\n";
  out += commands_of(outline);
  out += shared_flags(outline);
  out += heading("Options") + "These flags belong to the program itself and to every command.\n" +
         flags_in(outline.program, kOwnGroup);
  for (const Section& part : sections()) out += section_page(part);
  return out;
}

}  // namespace source_sentry
