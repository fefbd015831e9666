#include "live/drain/outlet.h"

#include <utility>

#include "protocol/stream_output.h"

namespace source_sentry {

Outlet::Outlet(std::string folder, std::filesystem::path states, const Config& config,
               const StreamTable& streams, Emitter& emitter)
    : path_(std::move(folder)), config_(config), streams_(streams), emitter_(emitter) {
  if (path_.empty()) states_.emplace(std::move(states));
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
  if (!folder_) return;
  folder_->finish(complete);
  folder_.reset();
}

}  // namespace source_sentry
