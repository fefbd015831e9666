#include "engine/custom/custom_walk.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/text.h"
#include "engine/custom/parents_read.h"
#include "json/members.h"
#include "mapping/jq/watchdog.h"

namespace source_sentry {
namespace {

/// If so many parents have no list and none has one, that is not chance.
constexpr std::size_t kTooManyGone = 10;

/// The streams from that one on.
std::vector<std::shared_ptr<const CustomStream>> below(const CustomPlan& plan, std::size_t from) {
  return {plan.streams.begin() + static_cast<std::ptrdiff_t>(from), plan.streams.end()};
}

}  // namespace

CustomWalk::CustomWalk(const PartitionPlan& plan, PartitionState& state, RecordWriter& writer)
    : plan_(plan),
      custom_(*plan.custom),
      state_(state),
      writer_(writer),
      programs_(plan.watchdog ? plan.watchdog->watch() : nullptr) {}

void CustomWalk::add_levels() {
  if (!custom_.parents_name.empty()) {
    levels_.push_back({nullptr, ParentNeeds(custom_.parents_name, below(custom_, 0))});
  }
  for (std::size_t at = 0; at < custom_.streams.size(); ++at) {
    const CustomStream& stream = *custom_.streams[at];
    check_expressions(stream, programs_);
    levels_.push_back({std::make_unique<CustomRecords>(stream, !levels_.empty(), programs_),
                       ParentNeeds(stream.kind, below(custom_, at + 1))});
  }
}

CustomWalk::Turn CustomWalk::next(Fetcher& fetcher) {
  if (!std::exchange(begun_, true)) {
    add_levels();
    open_next();
  }
  while (!open_.empty()) {
    Open& open = open_.back();
    if (open.at < open.waiting.size()) {
      open.row = std::move(open.waiting[open.at++]);
      if (open.at == open.waiting.size()) {
        open.waiting.clear();
        open.at = 0;
      }
      open_next();
      continue;
    }
    if (open.ended) {
      open_.pop_back();
      continue;
    }
    programs_.about(plan_.name.empty() ? custom_.streams.back()->name : plan_.name,
                    open.pages ? open.pages->what() : "");
    open.pages ? read_page(open, fetcher) : read_parents(open, fetcher);
    return Turn::kMore;
  }
  finish();
  return Turn::kEnd;
}

/// Of the list on top.
const CustomStream& CustomWalk::stream() const {
  return *custom_.streams[open_.size() - 1 - (custom_.parents_name.empty() ? 0 : 1)];
}

/// Opens the lists of the first level, or the list of the present row of the level on top.
void CustomWalk::open_next() {
  const bool lists = open_.empty() && !custom_.parents_name.empty();
  std::string of;
  if (!open_.empty()) {
    const bool of_lists = open_.back().pages == nullptr;
    of = (of_lists ? custom_.parents_name : stream().name) + " " + open_.back().row.id;
  }
  open_.push_back({nullptr});
  if (lists) return;
  open_.back().pages = std::make_unique<CustomPages>(
      custom_, stream(), of, [this](std::string_view name) { return value_of(name); }, programs_);
}

std::optional<std::string> CustomWalk::value_of(std::string_view name) const {
  constexpr std::string_view kMembersOf = "members of ";
  const auto time = [](Instant when) { return std::optional(format_seconds(when) + "Z"); };
  const bool has_times = is_leaf() && !custom_.streams.back()->cursor_field.empty();
  if (name == "organization") return custom_.organization;
  if (name == "project") return custom_.project;
  if (name == "start" || name == "end") {
    if (!has_times) return std::nullopt;
    if (name == "end") return time(plan_.until);
    const auto& from = state_.oldest_wanted();
    if (from && !state_.full_refresh()) return time(std::max(*from, plan_.from));
    return plan_.from > kBeginningOfTime ? time(plan_.from) : std::nullopt;
  }
  for (std::size_t at = 0; at + 1 < open_.size(); ++at) {
    if (name.starts_with(kMembersOf)) {
      if (!open_[at].row.members.empty()) return open_[at].row.members;
    } else if (const auto* text = levels_[at].needs.find(name, open_[at].row)) {
      return *text;
    }
  }
  return std::nullopt;
}

/// Reads the next of the lists whole, and keeps of its rows what is needed: while the children are
/// read, such a list moves.
void CustomWalk::read_parents(Open& open, Fetcher& fetcher) {
  if (next_list_ == custom_.parents.size()) {
    open.ended = true;
    return;
  }
  const ParentList& list = custom_.parents[next_list_++];
  const bool is_only = custom_.parents.size() == 1;
  const std::string& what = list.routes.front().what;
  try {
    const auto refusal = read_parent_list(list, fetcher, [&](const RecordView& row) {
      open.waiting.push_back(levels_.front().needs.take(row.json, std::string(row.id)));
    });
    if (!refusal) {
      state_.went_well();
      return;
    }
    if (is_only) throw ConnectorError(*refusal->error);
    state_.lose_refused_list(what, *refusal->error);
  } catch (const ConnectorError& error) {
    if (is_only || state_.holes().given_up()) throw;
    state_.lose_list(what, error);
  }
}

void CustomWalk::read_page(Open& open, Fetcher& fetcher) {
  CustomPages::Turn turn = CustomPages::Turn::kEnd;
  try {
    turn = open.pages->next(fetcher);
  } catch (const ConnectorError& error) {
    // An expression that fails is the configuration's, and no list is better than another.
    if (open_.size() == 1 || error.kind() == FailureKind::kConfig) throw;
    open.ended = true;
    state_.lose_list(open.pages->what(), error);
    return;
  }
  switch (turn) {
    case CustomPages::Turn::kEnd:
      open.ended = true;
      break;
    case CustomPages::Turn::kRefused:
      open.ended = true;
      lose(open);
      break;
    case CustomPages::Turn::kPage:
      ++levels_[open_.size() - 1].answered;
      state_.went_well();
      take_page(open, open.pages->body());
      break;
  }
}

void CustomWalk::take_page(Open& open, std::string_view body) {
  const Level& level = levels_[open_.size() - 1];
  const ParentRow* parent = open_.size() > 1 ? &open_[open_.size() - 2].row : nullptr;
  std::vector<std::string> records = level.records->of_page(body, parent);
  if (!is_leaf()) {
    const std::string& key = stream().primary_key.front();
    for (const std::string& record : records) {
      open.waiting.push_back(
          level.needs.take(record, text_in(member_value(record, key)).value_or("")));
    }
    return;
  }
  if (!custom_.push_kind.empty()) {
    for (std::string& record : records) record = pushed(custom_.push_kind, record);
  }
  RecordPage page;
  page.all_records = 1;
  page.records.push_back({.json = body, .id = {}, .cursor = {}});
  writer_.write_made(page, std::move(records));
}

/// The list at hand cannot be had.
void CustomWalk::lose(const Open& open) {
  const CustomPages& pages = *open.pages;
  const ConnectorError& why = *pages.refusal().error;
  if (open_.size() == 1) throw ConnectorError(why);
  Level& level = levels_[open_.size() - 1];
  if (pages.is_gone() && !stream().missing_fails) {
    ++level.gone;
    level.latest_gone = why;
    spdlog::info("{}: there is none any more ({}).", pages.what(), why.answer());
  } else if (pages.refusal().kind == Verdict::Kind::kRefuse) {
    state_.lose_refused_list(pages.what(), why);
  } else {
    state_.lose_list(pages.what(), why);
  }
}

void CustomWalk::finish() {
  for (const Level& level : levels_) {
    if (level.answered == 0 && level.gone >= kTooManyGone) {
      throw level.latest_gone->with("So it is for all " + std::to_string(level.gone) + " parents.");
    }
    if (level.records) level.records->finish();
  }
  state_.list_done(levels_.back().records->newest());
}

}  // namespace source_sentry
