#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/fetch/bad_page.h"
#include "engine/fetch/fetcher.h"
#include "engine/fetch/new_rows.h"
#include "engine/fetch/route.h"
#include "http/link_header.h"
#include "http/rate_headers.h"
#include "json/record_splitter.h"
#include "json/salvage.h"

namespace source_sentry {

/// Goes through a list page by page along its Link headers and hands out checked pages. It asks for
/// the next page before it splits the one at hand, so that the server works while we do.
///
/// It refuses to be led in circles (a cursor that repeats, endless empty pages or known rows) and
/// to regard a list as ended when the server does not say so.
class PageWalk {
 public:
  /// `fixed` are the route's or the probe's parameters. `window` may be null. A `cursor` that is
  /// not empty resumes in the middle. The fetcher and what `list` refers to must outlive the walk.
  PageWalk(Fetcher& fetcher, const Listing& list, const std::string& fixed, const Window* window,
           std::string cursor);
  ~PageWalk();
  PageWalk(const PageWalk&) = delete;
  PageWalk& operator=(const PageWalk&) = delete;

  enum class Turn {
    kPage,     ///< records() holds a page
    kEnd,      ///< there is none left
    kRefused,  ///< the very first page is refused, see refusal()
    kTooMuch,  ///< the window is too much for the server, see refusal()
  };

  /// Puts the request for the first page on its way, so that `next` has less to wait for.
  void ask();

  /// Gets the next page, once the one at hand was used: a list that cannot be followed any further
  /// still hands out its last good page first. With `ask_ahead` the one after it is under way when
  /// this returns. Only a first page is ever kRefused; a failure later on is thrown as a
  /// ConnectorError. A page of which only some records are valid JSON is asked for three times, and
  /// then handed out without the others. If it ends in something invalid, less is asked for first,
  /// as for a page that fails, if that is answered properly. Throws Stopped, like everything that
  /// asks.
  Turn next(bool ask_ahead);

  /// Takes a row that the server fails on, however it is asked for: where it is, for people ("row
  /// 38 of the list"), and why it cannot be read.
  using RowLoss = std::function<void(const std::string& where, const ConnectorError& why)>;

  /// From now on a page that always fails is read in smaller ones, and single rows are skipped, see
  /// BadPage; not while its window can be narrowed, which costs less. The same for one that is
  /// refused while the server answers for what follows it.
  void step_over_rows(RowLoss taker) { lose_row_ = std::move(taker); }

  /// Windows are ignored: narrowing them does not help.
  void windows_do_not_help() { narrowable_ = false; }

  /// Every other route was tried in vain: this one's answers are all there is.
  void is_last_way() {
    last_way_ = true;
    other_route_ = false;
  }

  /// A larger window around this one has failed: silence is waited out only once.
  void is_part_of_failed_one() { part_of_failed_ = true; }

  /// Whether a page is being read like this.
  bool in_bad_page() const { return bad_page_.has_value(); }

  /// How many rows were skipped since the window was asked for.
  std::size_t rows_lost() const { return rows_lost_; }

  const RecordPage& records() const { return page_; }
  /// Puts the next slice of a page of very many rows into records(); false when there is none.
  /// Everything else here is about the whole page.
  bool next_slice();
  /// How many rows the whole page has, including those that are not records.
  std::size_t rows() const { return rows_; }
  /// Whether the server said that this page is the last.
  bool last() const { return !more_ && !trouble_; }
  /// The cursor that this page was asked for by; empty on the first.
  const std::string& cursor() const { return cursor_; }
  /// The cursor of the page after this one; empty on the last.
  const std::string& next_cursor() const { return next_cursor_; }
  /// Whether this page begins at a row number, and not at a row.
  bool by_row_number() const { return by_row_number_; }

  /// The route is known to answer: an error does not mean that the server does not know it.
  void route_answers() { route_answers_ = true; }

  /// The server may have no such lists at all: a first page that is not offered is then no sign of
  /// a bad row.
  void may_lack_route() { may_lack_route_ = true; }

  /// From the next page on, one that is asked for by a row's number (`0:N:0`) begins a row earlier,
  /// with the last row of the page before it, so that rows that move are noticed; or no longer.
  void overlap(bool rows_may_move);
  /// Whether this page was asked for like this.
  bool overlaps() const { return overlaps_; }

  /// Withdraws the request for the page after this one, so that something else can be asked.
  void set_aside();

  /// The next page is the one that `cursor` asks for, with other fixed parameters from there on.
  void go_back(std::string cursor, std::string fixed);

  /// The page after this one is the first of another window.
  void go_on_in(const Window& window);

  /// Whether it has shown the same rows for so long that it leads nowhere.
  bool endless() const { return new_rows_.ended(); }

  /// Rows that share one time.
  struct Crowd {
    Instant when;
    ConnectorError error;
  };
  /// Where the page at hand leads no further: more rows of one time than the server's cursors pass.
  std::optional<Crowd> crowd() const;
  /// It is skipped, see `go_on_in`.
  void leave_crowd();

  const Verdict& refusal() const { return refusal_; }
  /// Whether the latest answer refuses a cursor that the server has given itself.
  bool refuses_own_cursor() const;
  /// The status of its latest answer.
  int status() const { return response_.status; }
  TransportProblem problem() const { return response_.problem; }
  /// How many rows the whole list has by the server's own count (X-Hits); nothing where it gives
  /// none.
  std::optional<std::uint64_t> counted() const;
  /// Whether there may be more than that: it counts no further (X-Max-Hits).
  bool count_is_capped() const;
  /// What its latest answer says about the server's limits.
  RateHeaders rates() const { return read_rate_headers(response_); }
  /// The newest time that the server has shown so far.
  std::optional<Instant> server_time() const { return fetcher_.server_time(); }

 private:
  std::optional<std::uint64_t> number_in(std::string_view header) const;
  Verdict fetch_around_bad_rows(bool ask_ahead);
  bool go_around(const Verdict& verdict);
  bool begin_bad_page(const Verdict& verdict);
  bool go_on_in_bad_page(const Verdict& verdict);
  bool may_be_gone_through(const Verdict& verdict) const;
  bool refuses_cursor(const Verdict& verdict);
  bool refused_in_part();
  bool answers_behind();
  bool answers_elsewhere();
  bool answers_at_any(const std::vector<std::string>& places);
  bool answers_at(const std::string& place);
  bool answers_at(const std::string& place, const std::optional<Window>& window);
  std::optional<std::size_t> rows_at(const std::string& place, const std::optional<Window>& window);
  bool follows_link(const Verdict& verdict);
  bool is_misled();
  /// How many rows the page at hand has, including those that are not records.
  std::size_t rows_of_page() const { return page_.all_records + page_.empty + page_.not_objects; }
  void leave_bad_rows();
  std::string place_of_row() const;
  bool divisible() const;
  bool another_way() const;
  Verdict fetch_checked(bool ask_ahead);
  std::string target(const std::string& cursor) const;
  Fetcher::Patience patience() const;
  bool less_may_help() const;
  std::optional<SplitError> split();
  std::optional<Salvaged> salvage();
  bool gives_less();
  std::optional<SplitError> missing_document() const;
  void read_link();
  void step_back();
  void check_progress();
  ConnectorError endless_list() const;
  void note_circle();

  Fetcher& fetcher_;
  RecordSplitter splitter_;
  const RowShape& shape_;
  const Route& route_;
  bool other_route_;
  const bool batch_;
  std::string fixed_;
  std::optional<Window> window_;
  std::string cursor_;       // of the page asked for
  std::string next_cursor_;  // of the page after it
  bool more_ = true;         // whether there is one
  bool by_row_number_ = false;
  bool overlap_ = false;
  bool overlaps_ = false;  // the page asked for begins a row earlier
  bool next_overlaps_ = false;
  NextPage::Follows follows_ = NextPage::Follows::kUnsaid;
  bool route_answers_ = false;
  bool may_lack_route_ = false;
  bool narrowable_ = true;
  bool part_of_failed_ = false;
  bool last_way_ = false;
  RowLoss lose_row_;
  std::optional<BadPage> bad_page_;
  bool rows_refused_ = false;  // refusals inside it are of rows: the server answers after it
  bool barren_ = false;        // nothing of the page before could be read
  std::size_t in_vain_ = 0;    // requests in a row inside it
  std::size_t rows_lost_ = 0;  // told, and before that waiting until something is answered again:
  std::vector<std::pair<std::string, ConnectorError>> lost_;
  std::string answered_cursor_;  // of the latest page that was answered
  std::size_t page_size_ = 0;    // how many rows it had
  bool asked_ = false;
  std::size_t pages_ = 0;
  std::size_t empty_pages_ = 0;
  std::unordered_set<std::string> cursors_;
  NewRows new_rows_;
  Response response_;
  RecordPage page_;  // a slice of it
  std::size_t rows_ = 0;
  Verdict refusal_;
  std::optional<Instant> crowd_;           // that time, if the trouble is a crowd
  std::optional<ConnectorError> trouble_;  // why nothing can follow the page at hand
};

}  // namespace source_sentry
