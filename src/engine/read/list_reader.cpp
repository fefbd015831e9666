#include "engine/read/list_reader.h"

#include <algorithm>
#include <cstddef>

#include "engine/fetch/row_cursor.h"
#include "engine/plan/another_way.h"

namespace source_sentry {
namespace {

/// How often a list is read at most while its rows move.
constexpr std::size_t kMostPasses = 3;

/// Whether a later pass would recognize every row of the page.
bool all_tell_apart(const RecordPage& rows) {
  return rows.empty + rows.not_objects == 0 &&
         std::none_of(rows.records.begin(), rows.records.end(),
                      [](const RecordView& row) { return row.id.empty(); });
}

}  // namespace

ListReader::Result ListReader::read(const Route& route, std::optional<Instant> oldest_wanted,
                                    Fetcher& fetcher) {
  std::optional<Instant> newest;
  std::optional<std::string> sign;
  for (std::size_t pass = 1;; ++pass) {
    const std::uint64_t before = writer_.taken();
    auto [result, may_hide_rows] =
        go_through(route, oldest_wanted, pass, sign.has_value(), fetcher);
    newest = result.newest = std::max(newest, result.newest);
    const bool brought_news = pass == 1 || writer_.taken() > before;
    const bool nameless_hide = writer_.filter().nameless().hiding() > 0;
    sign = result.end == End::kDone ? census_.sign(nameless_hide) : std::nullopt;
    if (sign && pass == kMostPasses) {
      throw ConnectorError(
          FailureKind::kSystem,
          "Sentry does not show all of " + route.what + ": " + *sign +
              ". Read it again later, and tell whoever runs the server if this keeps happening.");
    }
    if (sign) continue;
    if (result.end != End::kDone || !may_hide_rows || !brought_news || pass == kMostPasses) {
      return result;
    }
  }
}

ListReader::Pass ListReader::go_through(const Route& route, std::optional<Instant> oldest_wanted,
                                        std::size_t pass_number, bool otherwise, Fetcher& fetcher) {
  // The server does not restrict this list to a window, so that is done here.
  const bool cut = plan_.in_windows;
  const bool by_cursor = !plan_.shape.cursor_key.empty() && (oldest_wanted || cut);
  Window wanted{oldest_wanted.value_or(Instant::min()), Instant::max()};
  if (cut) wanted.from = std::max(wanted.from, plan_.from);
  if (cut && plan_.until < plan_.now) wanted.to = plan_.until;
  const bool first = pass_number == 1;
  const Instant known_from = first ? Instant::max() : Instant::min();
  census_.begin_pass();
  if (!first) writer_.filter().begin_pass();
  PageWalk walk(fetcher, plan_.listing(route),
                otherwise ? in_another_way(route.query, pass_number - 1) : route.query, nullptr,
                "");
  if (last_way_) walk.is_last_way();
  walk.step_over_rows([&](const std::string& where, const ConnectorError& why) {
    state_.lose_row(where, why);
    census_.lose_row();
  });
  Pass pass;
  bool told_apart = true;  // by their ids
  bool by_number = false;
  for (;;) {
    // Without companions, the documents are fetched by the list's own fetcher, which can have only
    // one request under way. Then the next page cannot be asked for ahead.
    switch (walk.next(!plan_.expansion || fetcher.may_have_companions())) {
      case PageWalk::Turn::kRefused:
      case PageWalk::Turn::kTooMuch:
        pass.result.end = End::kRefused;
        pass.result.refusal = walk.refusal();
        return pass;
      case PageWalk::Turn::kEnd:
        pass.may_hide_rows = by_number && told_apart;
        return pass;
      case PageWalk::Turn::kPage:
        break;
    }
    const RecordPage& rows = walk.records();
    by_number = by_number || is_page_number(walk.next_cursor(), rows.all_records);
    do {
      census_.add(rows, walk.counted(), walk.count_is_capped());
      writer_.expect_rows(walk.counted(), walk.count_is_capped());
      told_apart = told_apart && all_tell_apart(rows);
      const RecordWriter::Tally page = writer_.write(rows, route,
                                                     {.bounds = by_cursor ? &wanted : nullptr,
                                                      .known_from = known_from,
                                                      .by_row_number = walk.by_row_number()},
                                                     fetcher);
      pass.result.newest = std::max(pass.result.newest, page.newest);
    } while (walk.next_slice());
    // A list without places to resume from, where it is remembered which rows are done.
    if (state_.memory().is_worth_saving()) state_.save();
  }
}

}  // namespace source_sentry
