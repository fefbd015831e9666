#include "mapping/dialects/translation.h"

#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace source_sentry {
namespace {

constexpr std::size_t kLongestPath = 4096;  // of Linux

/// Whether the line names a file if it is anything: a definition is a mapping or a list.
bool cannot_be_definition(std::string_view line) {
  const bool ends_so = line.ends_with(".yml") || line.ends_with(".yaml");
  if (ends_so && line.find(": ") == line.npos) return true;
  return line.find_first_of(":[{") == line.npos && !line.starts_with("- ");
}

}  // namespace

std::string text_or_file(const std::string& value, const std::string& key, bool files_allowed) {
  const std::string path(trim(value));
  if (path.empty() || path.find('\n') != path.npos || path.size() > kLongestPath) return value;
  const bool must_be_name = cannot_be_definition(path);
  if (!files_allowed) {
    if (!must_be_name) return value;
    throw ConnectorError(FailureKind::kConfig,
                         key + " names a file, and there are no files here. Paste its text.");
  }
  std::error_code no_answer;
  if (!must_be_name && !std::filesystem::exists(path, no_answer)) return value;
  std::string reason;
  std::optional<std::string> text = read_file(path, reason);
  if (text) return std::move(*text);
  throw ConnectorError(FailureKind::kConfig,
                       key + ": " + path + " cannot be read: " + reason +
                           ". Give the path of a file that has the definition, or its text.");
}

}  // namespace source_sentry
