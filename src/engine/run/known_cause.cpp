#include "engine/run/known_cause.h"

#include "base/text.h"

namespace source_sentry {

std::string without_names(std::string_view text, const Partition* of) {
  std::string message = without_ids(text);
  if (of == nullptr) return message;
  for (const std::string& name : of->names) {
    for (const std::string& mark : {'"' + name + '"', '/' + name + '/'}) {
      for (std::size_t at; (at = message.find(mark)) != message.npos;) {
        message.erase(at, mark.size());
      }
    }
  }
  return message;
}

ConnectorError of_known_cause(const ConnectorError& error, const std::string& told_by) {
  const std::string answer = error.answer();
  const std::string text =
      (told_by.empty() ? "The reason is the same as before"
                       : "It failed for the same reason as the stream " + told_by) +
      (answer.empty() ? "." : " (" + answer + ").");
  const std::string& more = error.particulars();
  return {error.kind(), more.empty() ? text : text + " " + more, error.detail()};
}

}  // namespace source_sentry
