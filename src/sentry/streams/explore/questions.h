#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// A way to ask Explore for rows. Of several, one is for servers that do not know those before it.
struct ExploreQuestion {
  std::string dataset{};              ///< empty: the server's default
  std::vector<std::string> fields{};  ///< 20 at most
  std::string search{};
  std::size_t page = 100;
  std::string counted = "count()";          ///< what counts its rows; empty: nothing does
  std::vector<std::string> projects{};      ///< slugs, or numbers; empty: all that can be seen
  std::vector<std::string> environments{};  ///< empty: all
};

/// Every row: Sentry answers from a sample where much is stored, unless it is asked for this
/// (getsentry/sentry, search/eap/sampling.py). The mode beyond that, HIGHEST_ACCURACY_FLEX_TIME,
/// does not take a window's rows for an answer.
inline constexpr char kEveryRow[] = "sampling=HIGHEST_ACCURACY";
/// The same of all projects that the token may see.
inline constexpr char kEveryRowOfAll[] = "project=-1&sampling=HIGHEST_ACCURACY";

/// A stream of Explore's rows, in windows: the spec with all that its questions decide. `id`: what
/// settles the order of those of one second. Two streams with different questions must differ in
/// `mark`, which is in the states of runs under way; empty for a stream whose questions never
/// change.
StreamSpec explore_rows(StreamSpec spec, std::vector<ExploreQuestion> questions,
                        const std::string& id, const std::string& mark = {});

/// The question with the longest pages, and as it is, for servers that do not take those.
std::vector<ExploreQuestion> in_any_page(ExploreQuestion question);

/// Has the route note answers that are made from a part of what is stored, see Route::sampled, and
/// tell of it once in a run.
void watch_samples(Route& route, const std::string& stream);

}  // namespace source_sentry
