#include "app/usage/texts.h"

#include <sstream>

namespace source_sentry {

const std::vector<Section>& sections() {
  static const std::vector<Section> kSections = {
      {"Examples",
       {{"What can be read with the token in SENTRY_AUTH_TOKEN?", "source-sentry check --org acme"},
        {"Everything new since the last run, as files:",
         "source-sentry read --org acme --output sentry"},
        {"The issues of some projects:",
         "source-sentry read --projects 'web-*' --streams issues --output sentry"},
        {"The Airbyte way:", "source-sentry read --config config.json --catalog catalog.json"}},
       true},
      {"Exit status",
       {{"0", "All was read. A check that failed also ends with 0, unless --exit-code is given."},
        {"1", "Something could not be read or written, or no command was given."},
        {"2", "Wrong usage."}}},
      {"Environment",
       {{"SENTRY_AUTH_TOKEN, SENTRY_ORG, SENTRY_PROJECT, SENTRY_URL",
         "Settings, as sentry-cli reads them. Flags and --config come before them."},
        {"SENTRY_PROPERTIES", "The file to read in place of sentry.properties."},
        {"LOG_LEVEL", "With the value debug more is logged, as with --debug."},
        {"NO_COLOR", "With any value nothing is in colour."},
        {"http_proxy, https_proxy, all_proxy, no_proxy",
         "The proxy, unless the setting proxy names one."},
        {"SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE",
         "A file with the certificates of your own authority."}}},
      {"Files",
       {{"sentry.properties", "Settings in the current folder, as sentry-cli reads them."},
        {".sentryclirc, ~/.sentryclirc",
         "The same: the nearest from the current folder upwards, then that of the home folder."},
        {"DIR/STREAM.jsonl", "The records of a stream, with --output DIR."},
        {"DIR/manifest.json", "What these files hold, and where the next run resumes."}}},
  };
  return kSections;
}

std::vector<std::string> listed_values(const std::string& type) {
  std::vector<std::string> values;
  if (type.empty() || type.front() < 'a' || type.front() > 'z') return values;
  std::istringstream list(type);
  for (std::string value; std::getline(list, value, '|');) values.push_back(value);
  return values;
}

std::string wrapped(const std::string& text, std::size_t width) {
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!out.empty()) out += '\n';
    std::istringstream words(line);
    std::size_t used = 0;
    for (std::string word; words >> word;) {
      if (used > 0 && used + 1 + word.size() > width) {
        out += '\n';
        used = 0;
      }
      if (used > 0) {
        out += ' ';
        ++used;
      }
      out += word;
      used += word.size();
    }
  }
  return out;
}

std::string sections_text(std::size_t column, std::size_t width) {
  std::string out;
  const std::string indent(column, ' ');
  for (const Section& section : sections()) {
    out.append(out.empty() ? "" : "\n").append(section.title).append(":\n");
    for (const auto& [term, text] : section.rows) {
      if (section.command_lines) {
        out.append("  ").append(term).append("\n    ").append(text).append("\n");
        continue;
      }
      std::string line = "  " + term;
      if (line.size() + 1 > column) {
        out.append(line).append("\n");
        line.clear();
      }
      line.resize(column, ' ');
      std::string rest = wrapped(text, width - column);
      for (std::size_t at = 0; (at = rest.find('\n', at)) != std::string::npos; at += 1 + column) {
        rest.insert(at + 1, indent);
      }
      out.append(line).append(rest).append("\n");
    }
  }
  return out;
}

}  // namespace source_sentry
