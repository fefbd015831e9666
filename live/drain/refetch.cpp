#include "live/drain/refetch.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "engine/write/record_block.h"
#include "sentry/webhooks/webhook_record.h"

namespace source_sentry {
namespace {

/// Webhooks of one act come together; so many of them become one request.
constexpr std::chrono::seconds kGather(1);
/// After a failure, more with each one.
constexpr std::chrono::seconds kFirstPause(5);
constexpr std::chrono::seconds kLongestPause(300);
/// More than any storm brings before it can be asked for. The rest comes with the next sync.
constexpr std::size_t kMostWanted = 100'000;

}  // namespace

Refetch::Refetch(Source& source, SyncContext context)
    : source_(source), context_(std::move(context)) {}

Refetch::~Refetch() { end(); }

void Refetch::note(const Delivery& delivery, const Envelope& envelope) {
  WebhookIssue issue = issue_of(delivery, envelope);
  const bool is_id = !issue.id.empty() && issue.id.find_first_not_of("0123456789") == issue.id.npos;
  if (!is_id) return;
  const std::scoped_lock lock(mutex_);
  Ids& ids = wanted_[issue.project];
  if (ids.size() < kMostWanted) ids.insert(std::move(issue.id));
  changed_.notify_all();
}

void Refetch::begin(std::vector<Target> targets) {
  thread_ = std::jthread(
      [this, targets = std::move(targets)](const std::stop_token& stop) { work(stop, targets); });
}

void Refetch::end() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Refetch::work(const std::stop_token& stop, const std::vector<Target>& targets) {
  Duration pause{};
  const auto client = context_.make_client();
  Fetcher fetcher(*client, context_.judge, context_.pacer, context_.clock, stop);
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !wanted_.empty(); })) return;
    }
    if (!context_.clock.sleep_for(std::max<Duration>(kGather, pause), stop)) return;
    std::map<std::string, Ids> wanted;
    {
      const std::scoped_lock lock(mutex_);
      wanted = std::exchange(wanted_, {});
    }
    try {
      ask(wanted, fetcher, targets);
      pause = {};
    } catch (const Stopped&) {
    } catch (const ConnectorError& error) {
      pause = std::clamp<Duration>(pause * 2, kFirstPause, kLongestPause);
      rows_.reset();  // projects may have been renamed
      spdlog::warn("The issues of webhooks cannot be asked for; trying again in {} s. {}",
                   as_seconds(pause), error.message());
    }
    // What was not asked for waits.
    const std::scoped_lock lock(mutex_);
    for (auto& [project, ids] : wanted) {
      if (!ids.empty()) wanted_[project].merge(ids);
    }
  }
}

/// Takes what was written out of `wanted`.
void Refetch::ask(std::map<std::string, Ids>& wanted, Fetcher& fetcher,
                  const std::vector<Target>& targets) {
  if (!rows_) {
    const StreamJob job = source_.job({.name = "issues", .full_refresh = true});
    rows_ = std::make_unique<const RowsById>(job.plan(fetcher));
  }
  for (auto& [project, ids] : wanted) {
    const auto partition = rows_->partition_of(project);
    if (!partition) {
      spdlog::debug("Webhooks of {} are about a project that is not read.", project);
      ids.clear();
      continue;
    }
    while (!ids.empty()) {
      std::vector<std::string> some;
      for (const std::string& id : ids) {
        if (some.size() < RowsById::kMost) some.push_back(id);
      }
      std::deque<RecordBlock> blocks;
      for (const Target& target : targets) blocks.emplace_back(*target.sink, target.shaping);
      rows_->read(*partition, some, fetcher, [&](std::string_view json, std::string_view id) {
        for (RecordBlock& block : blocks) block.add_own(std::string(json), id);
      });
      for (RecordBlock& block : blocks) block.write();
      for (const std::string& id : some) ids.erase(id);
    }
  }
}

}  // namespace source_sentry
