#include "engine/custom/custom_look.h"

#include <utility>
#include <vector>

#include "engine/custom/custom_pages.h"
#include "engine/custom/custom_records.h"
#include "engine/custom/parent_row.h"
#include "engine/custom/parents_read.h"
#include "json/members.h"

namespace source_sentry {
namespace {

/// One parent may be gone by now, or lack what is asked for.
constexpr std::size_t kMostTried = 3;

class CustomLooker {
 public:
  CustomLooker(const CustomPlan& plan, Instant now, Fetcher& fetcher,
               const Fetcher::Patience& patience, std::shared_ptr<JqWork> work)
      : plan_(plan),
        now_(now),
        fetcher_(fetcher),
        patience_(patience),
        programs_(std::move(work)) {}

  std::optional<CustomRefusal> look() {
    std::vector<ParentRow> rows(1);
    if (!plan_.parents_name.empty()) {
      needs_.emplace_back(plan_.parents_name, plan_.streams);
      rows.clear();
      for (const ParentList& list : plan_.parents) {
        const auto refusal = read_parent_list(
            list, fetcher_,
            [&](const RecordView& row) {
              if (rows.size() < kMostTried) {
                rows.push_back(needs_.front().take(row.json, std::string(row.id)));
              }
            },
            true);
        if (refusal) return CustomRefusal{*refusal, {}};
        if (!rows.empty()) break;
      }
    }
    for (std::size_t at = 0; at < plan_.streams.size() && !rows.empty(); ++at) {
      if (auto refusal = look_at(at, rows)) return refusal;
    }
    return std::nullopt;
  }

 private:
  /// Asks the stream's route for one of `rows`, its parents, and puts its own in their place.
  std::optional<CustomRefusal> look_at(std::size_t at, std::vector<ParentRow>& rows) {
    const CustomStream& stream = *plan_.streams[at];
    const bool has_parent = !needs_.empty();
    const bool is_last = at + 1 == plan_.streams.size();
    std::optional<CustomRefusal> refusal;
    for (ParentRow& row : rows) {
      if (has_parent) above_.push_back(std::move(row));
      programs_.about(plan_.streams.back()->name, "of the first page");
      CustomPages pages(
          plan_, stream, has_parent ? "one parent" : "",
          [&](std::string_view name) {
            return value_of(name, is_last && !stream.cursor_field.empty());
          },
          programs_);
      if (pages.next(fetcher_, patience_) == CustomPages::Turn::kRefused) {
        refusal = CustomRefusal{pages.refusal(), pages.response()};
        if (!has_parent || !pages.is_gone()) return refusal;
        above_.pop_back();
        continue;
      }
      CustomRecords records(stream, false, programs_);
      const auto found = records.of_page(pages.body(), has_parent ? &above_.back() : nullptr);
      if (found.empty()) records.finish();
      needs_.emplace_back(stream.kind, rest_after(at));
      rows.clear();
      for (const std::string& record : found) {
        if (rows.size() < kMostTried) rows.push_back(needs_.back().take(record, ""));
      }
      return std::nullopt;
    }
    return refusal;
  }

  std::vector<std::shared_ptr<const CustomStream>> rest_after(std::size_t at) const {
    return {plan_.streams.begin() + static_cast<std::ptrdiff_t>(at) + 1, plan_.streams.end()};
  }

  std::optional<std::string> value_of(std::string_view name, bool has_times) const {
    constexpr std::string_view kMembersOf = "members of ";
    if (name == "organization") return plan_.organization;
    if (name == "project") return plan_.project;
    if (name == "start" && has_times) return format_seconds(now_ - std::chrono::hours(1)) + "Z";
    if (name == "end" && has_times) return format_seconds(now_) + "Z";
    for (std::size_t at = 0; at < above_.size(); ++at) {
      if (name.starts_with(kMembersOf)) {
        if (!above_[at].members.empty()) return above_[at].members;
      } else if (const auto* text = needs_[at].find(name, above_[at])) {
        return *text;
      }
    }
    return std::nullopt;
  }

  const CustomPlan& plan_;
  const Instant now_;
  Fetcher& fetcher_;
  const Fetcher::Patience& patience_;
  JqPrograms programs_;
  std::vector<ParentNeeds> needs_;
  std::vector<ParentRow> above_;  // the parent that is taken of each level
};

}  // namespace

std::optional<CustomRefusal> look_at_custom(const CustomPlan& plan, Instant now, Fetcher& fetcher,
                                            const Fetcher::Patience& patience,
                                            std::shared_ptr<JqWork> work) {
  return CustomLooker(plan, now, fetcher, patience, std::move(work)).look();
}

}  // namespace source_sentry
