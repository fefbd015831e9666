// Any text as YAML, and as the file of Port or OpsLevel.

#include <string>

#include "json_text.h"
#include "mapping/dialects/opslevel.h"
#include "mapping/dialects/port.h"
#include "mapping/yaml/yaml.h"

namespace source_sentry {

void fuzz(std::string_view input) {
  const std::string text(input);
  const auto documents = unless_refused("text", [&] { return read_yaml(text, "text"); });
  if (!documents) return;
  for (const auto& document : *documents) {
    require(!nlohmann::ordered_json::parse(
                 document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
                 .is_discarded(),
            "what is read is JSON");
  }
  unless_refused("", [&] { return translate_port(text, "port_app_config").notes.size(); });
  unless_refused("", [&] { return translate_opslevel(text, text, {"issues"}).notes.size(); });
}

}  // namespace source_sentry
