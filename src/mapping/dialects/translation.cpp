#include "mapping/dialects/translation.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace source_sentry {

std::string text_or_file(const std::string& value, const std::string& key, bool files_allowed) {
  const std::string path(trim(value));
  const bool is_name = path.find('\n') == std::string::npos &&
                       path.find(": ") == std::string::npos &&
                       (path.ends_with(".yml") || path.ends_with(".yaml"));
  if (!is_name) return value;
  if (!files_allowed) {
    throw ConnectorError(FailureKind::kConfig,
                         key + " names a file, and there are no files here. Paste its text.");
  }
  std::string reason;
  std::optional<std::string> text = read_file(path, reason);
  if (!text) {
    throw ConnectorError(FailureKind::kConfig,
                         key + ": " + path + " cannot be read: " + reason + ".");
  }
  return std::move(*text);
}

}  // namespace source_sentry
