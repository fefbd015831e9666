#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/fetch/page_share.h"
#include "engine/fetch/verdict.h"
#include "http/causes.h"
#include "http/http.h"
#include "http/pacer.h"

namespace source_sentry {

/// Is told when a request has to wait.
class WaitListener {
 public:
  virtual ~WaitListener() = default;
  /// The request for `what` waits until about `until`, by our clock. `again`: it did before, and
  /// has not got through yet.
  virtual void rate_limited(const std::string& what, Instant until, bool again) = 0;
  /// It waits no longer, whatever became of it; follows each first `rate_limited`.
  virtual void running_again() = 0;
  /// A request has failed and is sent again at about `when`, by our clock.
  virtual void asks_again(Instant when) = 0;
};

/// A stop was requested: thrown by whatever waits or asks, and caught where a step of a stream, or
/// a check, begins. It is neither a std::exception nor a ConnectorError, so that nothing on the way
/// mistakes it for a failure.
struct Stopped {};

/// Gets answers: sends, waits for its turn, asks again when that may help. One fetcher serves one
/// thread. It neither reads bodies nor follows pages.
class Fetcher {
 public:
  /// How long to keep trying.
  struct Patience {
    /// What was refused six times by a server that may only be busy is refused in parts, too, if
    /// the server is not busy; and its neighbours are not.
    static constexpr int kFewWhenBusy = 3;

    /// How often a request with a temporary failure is sent in all before it counts as failed: 6
    /// times with 1, 2, 4, 8, 16 s between them, as Airbyte's own connectors do.
    int attempts = 6;
    /// The same for failures that another route might not have, when there is one.
    int attempts_before_other_route = 6;
    /// The same for what was too much for the server, when less can be asked for.
    int attempts_before_smaller_window = 6;
    /// The same for what may hold something bad, when less can be asked for.
    int attempts_for_bad_data = 6;
    /// The same for what has moved to another route that we know, when we can go there.
    int attempts_before_successor = 6;

    /// Without the answer nothing is lost: a rate limit is not waited for either.
    bool mere_check = false;
    /// At most so often where no answer came in the time allowed.
    int attempts_when_silent = 6;
    /// How often a server that may only be busy is asked. One that admits so many requests a second
    /// may refuse several attempts in a row.
    int attempts_when_busy = 6;

    /// For what only proves or embellishes: one attempt.
    static constexpr Patience of_mere_check() { return {1, 1, 1, 1, 1, true, 1, 1}; }

    /// For a check whether the server answers elsewhere: one attempt, or a few if it may only be
    /// busy. `answers`: it has answered before.
    static constexpr Patience of_look_elsewhere(bool answers) {
      Patience patience{1, 1, 1, 1, 1};
      patience.attempts_when_busy = answers ? kFewWhenBusy : 1;
      return patience;
    }

    int attempts_for(const Verdict& verdict) const;
  };

  Fetcher(HttpClient& client, const Judge& judge, Pacer& pacer, Clock& clock, std::stop_token stop);
  /// It holds a reference to the judge.
  Fetcher(HttpClient&, Judge&&, Pacer&, Clock&, std::stop_token) = delete;

  /// Tells `listener` about rate limits from now on; null: the log.
  void listen(WaitListener* listener) { listener_ = listener; }

  /// Puts the request on its way if its rate limit allows that right now; otherwise `finish` will.
  /// One that was started before and not finished is withdrawn: `finish` answers the latest.
  /// `route` must live until then.
  void start(std::string target, const Route& route);

  /// Waits for the answer and returns the last verdict: kAccept with the answer in `response`, or
  /// the error to report. Throws Stopped when a stop was requested meanwhile; nothing is then under
  /// way.
  Verdict finish(Response& response, const Patience& patience);

  /// Tries once more to put the started request on its way; whether it is.
  bool send();

  /// start and finish in one.
  Verdict fetch(std::string target, const Route& route, Response& response,
                const Patience& patience);

  /// What all requests of a run have met, so that one at a time logs it; nothing is shared unless
  /// set. It must outlive the fetcher.
  void share(Causes& causes) { causes_ = &causes; }

  /// From now on pages of shared routes are those that other readers of `pages` have got, where
  /// there are any, and the other way round; those of its later companions, too. It must outlive
  /// the fetcher.
  void read_along(PageShare& pages, PageShare::Reader reader) {
    pages_ = &pages;
    reader_ = reader;
  }

  /// Whether this request should log its failure now, before it is sent again.
  bool may_warn(const std::string& text) {
    return causes_ == nullptr || causes_->may_warn(text, clock_.steady_now());
  }

  /// Tells the run whether the latest answer for `route` was usable, which is not known here.
  void note_use(const Route& route, bool usable);
  /// Whether answers for such routes have been unusable for so long that one attempt is enough.
  bool gets_garbage(const Route& route) const;

  /// Lends a further client; null when too many are out. One that is `needed` is lent all the same.
  using Lender = std::function<std::shared_ptr<HttpClient>(bool needed)>;

  /// Where further clients come from; nowhere unless set.
  void lend(Lender clients) { clients_ = std::move(clients); }

  /// One or more fetchers like this one, `most` at most, for requests side by side on the same
  /// thread; none without a source of clients. They must not outlive this one, and end together.
  /// None of them all keeps a place at the server that another one waits for: see `let_go`.
  std::vector<std::unique_ptr<Fetcher>> companions(std::size_t most);

  /// Takes in the answer of a request that is under way, so that its place at the server is free
  /// for another. `finish` judges it.
  void let_go();

  /// The same for this one, its companions, and the one that has them. To be called before a wait
  /// for another thread, which may itself wait for such a place.
  void let_others_go();

  /// Gives up the request that was started.
  void cancel();

  /// Waits. Throws Stopped when a stop was requested meanwhile.
  void pause(Duration span);

  /// For long work that sends no requests.
  bool stopped() const { return stop_.stop_requested(); }
  /// For waits of others.
  const std::stop_token& stop_token() const { return stop_; }
  /// Whether it can have companions.
  bool may_have_companions() const { return static_cast<bool>(clients_); }

  /// The newest time that the server has shown to any fetcher of the run: an answer from a cache
  /// cannot set it back. Nothing while no answer has given a plausible one.
  std::optional<Instant> server_time() const { return pacer_.server_time(); }

 private:
  Verdict answer(Response& response, const Patience& patience);
  bool shares() const { return pages_ != nullptr && route_->shared != Shared::kNo; }
  void await_turn(bool refused);
  void take_in(Response& response);
  std::optional<Verdict> must_wait();
  void note_failure(const Verdict& verdict, const Response& response, const Patience& patience,
                    int failures);
  Verdict not_asked() const;
  void announce(Duration wait);
  void end_wait();

  /// Calls `work`; if that throws, the request that was begun is withdrawn.
  template <typename Work>
  void or_take_back(Work work);

  HttpClient& client_;
  std::shared_ptr<HttpClient> own_client_;
  Lender clients_;
  const Judge& judge_;
  Pacer& pacer_;
  Clock& clock_;
  std::stop_token stop_;
  WaitListener* listener_ = nullptr;
  Causes* causes_ = nullptr;
  PageShare* pages_ = nullptr;
  PageShare::Reader reader_ = 0;
  Request request_;
  const Route* route_ = nullptr;
  Outages::Leave leave_ = Outages::Leave::kFull;
  bool sent_ = false;
  bool kept_ = false;               // another reader has got the answer, see PageShare
  Instant sent_at_;                 // by the steady clock
  std::optional<Response> let_go_;  // the answer of the request that was sent
  std::shared_ptr<std::vector<Fetcher*>> side_by_side_;  // with this one, on the same thread
  bool announced_ = false;
};

/// The wait before attempt `attempt` + 1: 1, 2, 4, ... seconds, at most a minute.
Duration backoff(int attempt);

}  // namespace source_sentry
