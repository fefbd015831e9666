#include "live/drain/outlet.h"

#include <utility>

#include "protocol/stream_output.h"

namespace source_sentry {

Outlet::Outlet(std::string folder, std::filesystem::path states, const Config& config,
               const StreamTable& streams, Emitter& emitter)
    : path_(std::move(folder)), config_(config), streams_(streams), emitter_(emitter) {
  if (!path_.empty()) return;
  states_.emplace(std::move(states), [&emitter] {
    return KeptStates::StdoutReach{emitter.written(), emitter.taken()};
  });
}

OpenSink Outlet::begin(std::vector<WantedStream>& wanted) {
  if (states_) {
    for (WantedStream& stream : wanted) stream.saved_state = states_->of(stream.name);
    return states_->watch(outputs_to(emitter_));
  }
  folder_ = open_folder(path_, {}, config_, emitter_);
  for (WantedStream& stream : wanted) resume_in(*folder_, stream, config_, streams_);
  return folder_->sinks();
}

void Outlet::save() {
  // What the reader of stdout has not taken has not left.
  if (states_ && emitter_.health() == Emitter::Health::kGood) states_->save();
  if (folder_) folder_->save_if_due();
}

void Outlet::end(bool complete) {
  save();
  // A reader that is about to take the rest is given a moment, so that nothing comes twice.
  constexpr std::chrono::milliseconds kLook(20);
  constexpr int kLooks = 50;
  for (int look = 0; states_ && look < kLooks && emitter_.taken() < emitter_.written(); ++look) {
    emitter_.clock().sleep_for(kLook, {});
    save();
  }
  if (!folder_) return;
  folder_->finish(complete);
  folder_.reset();
}

}  // namespace source_sentry
