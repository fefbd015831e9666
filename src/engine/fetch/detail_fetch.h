#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/fetch/fetcher.h"
#include "engine/fetch/row_shape.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Gets the whole records that the rows of a list only name, one request each, several side by
/// side; they are handed out in the rows' order.
class DetailFetch {
 public:
  /// So many requests are under way at a time. Eight at 200 ms each are the 40 a second that
  /// sentry.io allows.
  static constexpr std::size_t kSideBySide = 8;

  /// The route of the whole record with that id.
  using RouteOf = std::function<Route(std::string_view id)>;

  /// All must outlive it; the fetcher must have a source of clients.
  DetailFetch(const RowShape& shape, const RouteOf& route_of, Fetcher& fetcher);
  ~DetailFetch();
  DetailFetch(const DetailFetch&) = delete;
  DetailFetch& operator=(const DetailFetch&) = delete;

  /// Takes each row's whole record, or what became of it instead; the views live as long as the
  /// call.
  struct Taker {
    std::function<void(const RecordView& row, const RecordView& whole)> record;
    std::function<void(const RecordView& row, const ConnectorError& error)> failure;
    /// The server refuses it, and may give others.
    std::function<void(const RecordView& row, const ConnectorError& error)> refused;
    std::function<void(const RecordView& row)> gone;  ///< since it was listed
  };

  /// Throws Stopped at the first row whose record was not there when a stop came, and what the
  /// taker throws.
  void run(const std::vector<RecordView>& rows, const Taker& taker);

 private:
  struct Lane;
  void finish(Lane& lane, const RecordView& row, const Taker& taker);

  const RouteOf& route_of_;
  RecordSplitter splitter_;
  std::vector<std::unique_ptr<Fetcher>> companions_;
  std::vector<Lane> lanes_;
  RecordPage page_;
};

}  // namespace source_sentry
