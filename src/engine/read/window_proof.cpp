#include "engine/read/window_proof.h"

#include "engine/fetch/page_walk.h"
#include "engine/plan/window_planner.h"

namespace source_sentry {

using std::chrono::days;
using std::chrono::seconds;

bool WindowProof::heeded(const Route& route, const Window& window, const Outside& outside,
                         Fetcher& fetcher) {
  if (!route.window_query) return false;
  if (path_ != route.path) {
    path_ = route.path;
    start_heeded_.reset();
    end_heeded_.reset();
  }
  const Instant ahead = plan_.now + days(1);
  const bool heeds =
      (!outside.older ||
       ask(start_heeded_, route, {ahead, ahead + seconds(1)}, !outside.mostly, fetcher)) &&
      (!outside.newer ||
       ask(end_heeded_, route, {window.from, window.from + seconds(1)}, !outside.mostly, fetcher));
  return heeds && !ignored(route);
}

bool WindowProof::ignored(const Route& route) const {
  if (!route.window_query) return true;
  return path_ == route.path && (start_heeded_ == false || end_heeded_ == false);
}

bool WindowProof::ask(std::optional<bool>& known, const Route& route, const Window& window,
                      bool otherwise, Fetcher& fetcher) const {
  if (known) return *known;
  known = otherwise;
  PageWalk walk(fetcher, plan_.listing(route), route.probe_query, &window, "");
  try {
    if (walk.next(false) != PageWalk::Turn::kPage) return otherwise;
  } catch (const ConnectorError&) {
    return otherwise;
  }
  const FirstPage page = look_at(walk.records(), true, window);
  known = page.rows == 0 || page.outside < page.rows;
  return *known;
}

}  // namespace source_sentry
