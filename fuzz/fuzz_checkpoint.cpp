// Any saved state of a stream, as each kind of partition sees it.

#include "checkpoint_equality.h"
#include "json_text.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kPrefix = "The saved state cannot be used: ";

void check(const Json& saved, const std::string& cursor_key, const Partition& partition) {
  const auto first =
      unless_refused(kPrefix, [&] { return Checkpoint::read(saved, cursor_key, partition); });
  if (!first) return;
  require(!first->high_water || *first->high_water > kBeginningOfTime,
          "the beginning of time is no mark");
  const Json written = Json::parse(first->write(cursor_key).dump());
  const Checkpoint again = Checkpoint::read(written, cursor_key, Partition{});
  require(same(*first, again), "a checkpoint survives being written");
  Checkpoint moved = *first;
  moved.advance(first->high_water);
  require(same(*first, moved), "its own mark moves a checkpoint nowhere");
}

}  // namespace

void fuzz(std::string_view input) {
  const auto saved = document_of(input);
  if (!saved) return;
  for (const std::string cursor_key : {"dateCreated", "lastSeen"}) {
    check(*saved, cursor_key, {{}, {"web", "11"}, true, "11"});
    check(*saved, cursor_key, {{{"project", "web"}}, {"web", "11"}, true, "11"});
    check(*saved, cursor_key, {{{"project", "api"}}, {"api", "12"}, false, "12"});
  }
  const auto none = unless_refused(kPrefix, [&] { return Checkpoint::read(*saved, "", {}); });
  require(none && same(*none, {}), "a stream without a cursor has no checkpoint");
}

}  // namespace source_sentry
