#pragma once

#include <string>

#include "mapping/dialects/translation.h"

namespace source_sentry {

/// Translates the file of Port's Sentry integration (port_app_config): each resource becomes a
/// mapped stream `port_KIND`. `name` is what messages begin with. Throws ConnectorError: what is
/// wrong, and where. An entry with a `blueprint` and no `kind` is one of a Port webhook's mapping:
/// it becomes a stream `port_webhook`, made of webhooks as they were sent. By port-labs/ocean
/// 607beada, core/handlers/port_app_config/models.py, and integrations/sentry/integration.py.
Translation translate_port(const std::string& text, const std::string& name = "port_app_config");

}  // namespace source_sentry
