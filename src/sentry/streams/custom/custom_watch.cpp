#include "sentry/streams/custom/custom_watch.h"

#include <string>

#include "mapping/jq/programs.h"
#include "sentry/streams/custom/custom_chain.h"

namespace source_sentry {

std::shared_ptr<JqWatchdog> watchdog_of(const StreamSpec& spec, const StuckListener& stuck) {
  if (!spec.custom) return nullptr;
  prepare_jq_for_threads();
  if (!stuck) return nullptr;
  return std::make_shared<JqWatchdog>(
      [chain = spec.custom->streams, name = spec.name, stuck](const StuckWork& work) {
        std::string what;
        for (const auto& stream : chain) {
          for_each_expression(*stream, [&](const Expression& expression, const std::string& of) {
            if (expression.text() != work.expression) return;
            what.append(what.empty() ? "" : " and ").append(of);
            if (stream != chain.back()) what.append(" of ").append(stream->name);
          });
        }
        stuck(name, work.message(what));
      });
}

}  // namespace source_sentry
