#include "engine/write/holes.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/outages.h"

namespace source_sentry {
namespace {

constexpr int kMostInARow = Outages::kMostInARow;
constexpr int kTriedForLong = Outages::kTriedForLong;
/// How many windows, and how many rows, the error names.
constexpr std::size_t kMostNamed = 5;

std::string text_of(const Window& window) {
  return format_seconds(window.from) + "Z to " + format_seconds(window.to) + "Z";
}

}  // namespace

/// What to log as the reason. The message of a cause that was logged before is not repeated.
std::string Holes::reason(const ConnectorError& why) const {
  const bool known = (why_ && why_->cause() == why.cause()) ||
                     (causes_ != nullptr && !causes_->is_new(why.cause()));
  return known ? "The reason is the same as before." : why.message();
}

void Holes::add(const Checkpoint& before) {
  if (!before_) before_ = before;
}

void Holes::failed(const ConnectorError& why, int weight) {
  if (!why_) why_ = why;
  in_a_row_ += weight;
  if (given_up()) throw error();
}

void Holes::add_window(const Window& window, const ConnectorError& why, const Checkpoint& before,
                       bool narrowed) {
  add(before);
  spdlog::warn("{}: the window {} is left out, since it cannot be read. {}", name_, text_of(window),
               reason(why));
  if (narrowed && !windows_.empty() && windows_.back().to == window.from) {
    windows_.back().to = window.to;
  } else {
    windows_.push_back(window);
  }
  failed(why, narrowed ? 1 : kTriedForLong);
}

void Holes::add_record(std::string_view id, const ConnectorError& why, const Checkpoint& before) {
  tell_record(id, why, before);
  failed(why, kTriedForLong);
}

void Holes::add_refused_record(std::string_view id, const ConnectorError& why,
                               const Checkpoint& before) {
  tell_record(id, why, before);
  if (!why_) why_ = why;
}

void Holes::tell_record(std::string_view id, const ConnectorError& why, const Checkpoint& before) {
  add(before);
  spdlog::warn("{}: the record {} is left out, since it cannot be read. {}", name_, id,
               reason(why));
  ++records_;
}

void Holes::add_list(const std::string& what, const ConnectorError& why, const Checkpoint* before,
                     bool refused) {
  if (before != nullptr) add(*before);
  spdlog::warn("{}: {} could not be read to the end. {}", name_, what, reason(why));
  lists_.push_back(what);
  if (refused) {
    if (!why_) why_ = why;
  } else {
    failed(why, kTriedForLong);
  }
}

void Holes::add_row(const std::string& where, const ConnectorError& why, const Checkpoint& before) {
  if (std::find(rows_.begin(), rows_.end(), where) != rows_.end()) return;
  add(before);
  spdlog::warn("{}: {} is left out, since it cannot be read. {}", name_, where, reason(why));
  rows_.push_back(where);
  if (!why_) why_ = why;
}

void Holes::add_entries(std::size_t count, const Window* window, const Checkpoint& before) {
  add(before);
  const bool named = window != nullptr && window->to < Instant::max();
  const std::string where = named ? " in the window " + text_of(*window) : "";
  spdlog::warn("{}: {} left out{}.", name_, entries_not(count, "record"), where);
  if (entries_ == 0) entries_at_ = where;
  entries_ += count;
}

void Holes::failed_once(const ConnectorError& why) {
  if (++in_a_row_ < kMostInARow) return;
  if (!why_) why_ = why;
  throw error();
}

void Holes::give_up(const ConnectorError& why) {
  in_a_row_ = kMostInARow;
  if (!why_) why_ = why;
  throw error();
}

void Holes::forget() {
  Holes none(std::move(name_));
  none.causes_ = causes_;
  *this = std::move(none);
}

bool Holes::given_up() const { return in_a_row_ >= kMostInARow; }

ConnectorError Holes::error() const {
  std::string text;
  const auto name_all = [&](const auto& all, const std::string& thing, const auto& name) {
    if (all.empty()) return;
    text += "So " + number_of(all.size(), thing) + " of " + name_ + " could not be read: ";
    for (std::size_t i = 0; i < std::min(all.size(), kMostNamed); ++i) {
      text += (i == 0 ? "" : ", ") + name(all[i]);
    }
    if (all.size() > kMostNamed)
      text += " and " + std::to_string(all.size() - kMostNamed) + " more";
    text += ". ";
  };
  name_all(windows_, "window", text_of);
  name_all(rows_, "record", [](const std::string& where) { return where; });
  name_all(lists_, "list", [](const std::string& what) { return what; });
  if (records_ > 0) {
    text += "So " + number_of(records_, "record") + " of " + name_ + " could not be read. ";
  }
  if (entries_ > 0) {
    text += "Sentry's list for " + name_ + " holds " + entries_not(entries_, "record") +
            (entries_at_.empty() ? "" : ", the first" + entries_at_) +
            ". Tell whoever runs the server if this keeps happening. ";
  }
  text += given_up() ? "After that nothing more was tried." : "Nothing else was left out.";
  return why_ ? why_->with(text) : ConnectorError(FailureKind::kSystem, text);
}

}  // namespace source_sentry
