#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/plan/stream_job.h"
#include "engine/run/first_page.h"
#include "engine/run/sync.h"
#include "http/rate_headers.h"

namespace source_sentry {

/// A number that was asked for.
struct Counted {
  enum class How {
    kUnknown,
    kAtLeast,  ///< it is that or more
    kAbout,    ///< the server, or we, have estimated it
    kExact,
  };
  How how = How::kUnknown;
  std::uint64_t number = 0;

  bool is_known() const { return how != How::kUnknown; }
};

/// What requests of one kind were like.
struct RequestSample {
  std::string rate_group;
  RateHeaders rates{};             ///< what the answers say of the limit
  std::optional<Duration> took{};  ///< one of them; not set: none was sent
};

/// What the server says about a stream, or a part of it, before it is read. Plain data.
struct StreamSurvey {
  std::string stream;
  std::size_t partitions = 0;
  std::vector<Counted> rows;  ///< of the lists of those partitions that were asked about
  std::size_t page_rows = 0;  ///< of a full page, where one was seen; otherwise 0
  RequestSample lists;

  /// Each row takes a request for a document, or for a list whose rows are the records.
  enum class Each { kNothing, kDocument, kChildren };
  Each each = Each::kNothing;
  std::optional<RequestSample> documents{};

  std::optional<double> record_bytes{};  ///< on average
  std::optional<Window> range{};         ///< of time that a read goes through; not set: it has none
  bool resumes = false;                  ///< from a saved state, at the beginning of `range`
  std::size_t together = 1;              ///< so many partitions may be listed as one
  /// Partitions about which nothing could be found out, and why, of the first of them.
  std::size_t refused = 0;
  std::optional<Refusal> refusal{};
  bool is_closed = false;  ///< nothing of it can be read
};

/// Asks about a stream without reading it: counts where the server has them, and otherwise the
/// first page of each partition's list, several at a time; at most a hundred partitions, evenly
/// chosen; one full page and one document to see how large records are. Writes nothing. The
/// context's sinks are not used. What cannot be read is told in the survey; what spoils every
/// stream, such as a bad token, is thrown as a ConnectorError. Throws Stopped.
StreamSurvey survey_of(const StreamJob& job, const SyncContext& context);

}  // namespace source_sentry
