#include "engine/write/late_look.h"

#include <algorithm>

#include "json/members.h"

namespace source_sentry {

std::optional<LateLook> LateLook::make(const PartitionPlan& plan, const Checkpoint& checkpoint,
                                       Instant usual) {
  if (plan.late_window <= Duration::zero() || !checkpoint.high_water) return std::nullopt;
  const Instant from =
      std::max(whole_seconds(*checkpoint.high_water - plan.late_window), plan.from);
  if (from >= usual) return std::nullopt;
  // A record may not be listed until some time after it was received, so look back here too.
  const Instant since = checkpoint.late_until ? *checkpoint.late_until - plan.lookback : usual;
  return LateLook({from, usual}, since, plan.shape.received_key);
}

bool LateLook::is_news(const RecordView& record) const {
  const auto when = received(record);
  return !when || *when >= received_from_;
}

std::optional<Instant> LateLook::received(const RecordView& record) const {
  for (const Member& member : top_level_members(record.json)) {
    if (member.key != received_key_ || member.value.size() < 2) continue;
    return parse_instant(member.value.substr(1, member.value.size() - 2));
  }
  return std::nullopt;
}

}  // namespace source_sentry
