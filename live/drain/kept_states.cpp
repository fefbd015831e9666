#include "live/drain/kept_states.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"
#include "files/append_file.h"

namespace source_sentry {

/// Hands everything on.
class KeptStates::Sink final : public StreamSink {
 public:
  Sink(KeptStates& states, std::unique_ptr<StreamSink> to) : states_(states), to_(std::move(to)) {}

  const std::string& stream() const override { return to_->stream(); }
  Clock& clock() const override { return to_->clock(); }
  std::string head() const override { return to_->head(); }
  std::string tail() const override { return to_->tail(); }
  void started() override { to_->started(); }
  void records(std::span<const std::string_view> pieces, std::uint64_t count) override {
    to_->records(pieces, count);
  }
  void state(nlohmann::ordered_json state) override {
    to_->state(state);
    states_.note(stream(), state);
  }
  void left_out(std::uint64_t count) override { to_->left_out(count); }
  void break_off() override { to_->break_off(); }
  void rate_limited(Instant until) override { to_->rate_limited(until); }
  void running_again() override { to_->running_again(); }
  void asks_again(Instant when) override { to_->asks_again(when); }
  void reached(const Reach& reach) override { to_->reached(reach); }
  void beat_if_silent(Duration span) override { to_->beat_if_silent(span); }
  void error(const ConnectorError& error) override { to_->error(error); }
  void complete(nlohmann::ordered_json state) override {
    to_->complete(state);
    states_.note(stream(), state);
  }
  void incomplete(nlohmann::ordered_json state) override {
    to_->incomplete(state);
    states_.note(stream(), state);
  }
  Written written() const override { return to_->written(); }

 private:
  KeptStates& states_;
  const std::unique_ptr<StreamSink> to_;
};

KeptStates::KeptStates(std::filesystem::path file, std::function<StdoutReach()> reach)
    : file_(std::move(file)), reach_(std::move(reach)) {
  if (!std::filesystem::exists(file_)) return;
  std::string reason = "it is too large";
  const auto text = read_file(file_.string(), reason);
  const auto saved = text ? parse_json(*text) : nlohmann::json();
  if (!saved.is_object()) {
    throw ConnectorError(FailureKind::kConfig,
                         "The file " + file_.string() +
                             ", which says what has left on stdout, cannot be read (" +
                             (text ? "it is not as it was written" : reason) +
                             "). Remove it to send everything in the spool again.");
  }
  for (const auto& [stream, state] : saved.items()) states_[stream] = state;
}

nlohmann::json KeptStates::of(const std::string& stream) const {
  const std::scoped_lock lock(mutex_);
  const auto found = states_.find(stream);
  return found == states_.end() ? nlohmann::json() : nlohmann::json(found->second);
}

OpenSink KeptStates::watch(OpenSink open) {
  return [this, open = std::move(open)](const std::string& stream, nlohmann::ordered_json state) {
    return std::make_unique<Sink>(*this, open(stream, std::move(state)));
  };
}

void KeptStates::note(const std::string& stream, const nlohmann::ordered_json& state) {
  const std::scoped_lock lock(mutex_);
  auto& known = states_[stream];
  if (known == state) return;
  known = state;
  changed_ = true;
}

void KeptStates::save() {
  const std::scoped_lock lock(mutex_);
  const StdoutReach reach = reach_();
  if (std::exchange(changed_, false)) {
    on_their_way_.emplace_back(reach.written, nlohmann::ordered_json(states_).dump());
  }
  std::optional<std::string> taken;
  while (!on_their_way_.empty() && on_their_way_.front().first <= reach.taken) {
    taken = std::move(on_their_way_.front().second);
    on_their_way_.pop_front();
  }
  if (taken) replace_file(file_, *taken);
}

}  // namespace source_sentry
