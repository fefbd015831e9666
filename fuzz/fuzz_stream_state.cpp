// Any saved state of a stream through StreamState, with one nameless partition and with several.

#include <set>

#include "checkpoint_equality.h"
#include "engine/state/stream_state.h"
#include "json_text.h"
#include "protocol/emitter.h"
#include "protocol/stream_output.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kPrefix = "The saved state cannot be used: ";
constexpr const char* kCursorKey = "dateCreated";

class StoppedClock : public Clock {
 public:
  Instant now() override { return *parse_instant("2024-01-16T12:30:00Z"); }
  Instant steady_now() override { return now(); }
  bool sleep_for(Duration, std::stop_token) override { return true; }
};

/// A stream's state once its partitions are known; nothing is written anywhere.
class Begun {
 public:
  Begun(const Json& saved, const std::vector<Partition>& partitions)
      : state_(output_, kCursorKey, saved) {
    state_.begin(partitions);
  }
  Json present() const { return Json::parse(state_.present_state().dump()); }
  Json final() const { return Json::parse(state_.final_state().dump()); }
  Checkpoint checkpoint(std::size_t partition) const { return state_.checkpoint(partition); }

 private:
  static constexpr int kNoFile = -1;
  StoppedClock clock_;
  Emitter emitter_{kNoFile, clock_, {}, {}};
  StreamOutput output_{emitter_, "events", nullptr};
  StreamState state_;
};

void check(const Json& saved, const std::vector<Partition>& partitions) {
  const auto before =
      unless_refused(kPrefix, [&] { return std::make_unique<Begun>(saved, partitions); });
  if (!before) return;
  const Json written = (*before)->present();
  const Begun after(written, partitions);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    require(same((*before)->checkpoint(i), after.checkpoint(i)),
            "each partition finds its checkpoint in the state again");
  }
  require(after.present() == written, "a state that is not moved stays the same");
  const Begun last((*before)->final(), partitions);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const Checkpoint checkpoint = last.checkpoint(i);
    // What a budget has left of an incremental run is resumed by the next one.
    require(!checkpoint.position || !checkpoint.position->full_refresh,
            "the last state of a run has no position in a full refresh");
    require(checkpoint.high_water == after.checkpoint(i).high_water, "it has the same mark");
  }
}

}  // namespace

void fuzz(std::string_view input) {
  const auto saved = document_of(input);
  if (!saved) return;
  const Partition only{{}, {"web", "11"}, true, "11"};
  const Partition web{{{"project", "web"}}, {"web", "11"}, true, "11"};
  const Partition api{{{"project", "api"}}, {"api", "12"}, false, "12"};
  check(*saved, {only});
  check(*saved, {web});
  check(*saved, {web, api});
}

}  // namespace source_sentry
