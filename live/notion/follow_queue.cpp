#include "live/notion/follow_queue.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/text.h"
#include "live/notion/api/form_error.h"

namespace source_sentry {
namespace {

/// Issues that wait, and that are remembered.
constexpr std::size_t kMostIssues = 10'000;

}  // namespace

FollowQueue::FollowQueue(Follow& follow) : follow_(follow), thread_([this] { run(); }) {}

FollowQueue::~FollowQueue() {
  {
    const std::scoped_lock lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
}

/// Webhooks may come in another order than they were sent.
bool FollowQueue::is_overtaken(const IssueChange& change) {
  const auto found = newest_.find(change.issue_id);
  if (found != newest_.end() && found->second.is_newer_than(change)) return true;
  if (newest_.size() >= kMostIssues) newest_.clear();
  newest_.insert_or_assign(change.issue_id, change);
  return false;
}

void FollowQueue::add(IssueChange change) {
  {
    const std::scoped_lock lock(mutex_);
    if (is_overtaken(change)) return;
    const std::string id = change.issue_id;
    if (!waiting_.contains(id)) {
      if (waiting_.size() >= kMostIssues) {
        if (!std::exchange(full_, true)) {
          spdlog::warn("Too many issues change for Notion to follow: some pages stay as they are.");
        }
        return;
      }
      order_.push_back(id);
    }
    waiting_.insert_or_assign(id, std::move(change));
  }
  changed_.notify_one();
}

void FollowQueue::wait() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return waiting_.empty() && !busy_; });
}

void FollowQueue::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ends_ || !order_.empty(); });
    if (ends_) return;
    const IssueChange change = std::move(waiting_.extract(order_.front()).mapped());
    order_.pop_front();
    busy_ = true;
    lock.unlock();
    apply(change);
    lock.lock();
    busy_ = false;
    if (order_.empty()) {
      full_ = false;
      idle_.notify_all();
    }
  }
}

void FollowQueue::apply(const IssueChange& change) {
  try {
    follow_.apply(change);
  } catch (const FormError& error) {
    spdlog::warn("The page of issue {} does not show its latest change. {} {}",
                 excerpt(change.issue_id, 40), error.message(), error.detail());
  } catch (const std::exception& error) {
    spdlog::error("The page of an issue does not show its latest change: {}",
                  excerpt(error.what(), 200));
  }
}

}  // namespace source_sentry
