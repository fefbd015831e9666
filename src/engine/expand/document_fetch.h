#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expand/document_cache.h"
#include "engine/fetch/fetcher.h"
#include "engine/fetch/route.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Gets the documents that the rows of a list lead to, one request each, several side by side; they
/// are handed out in the rows' order.
class DocumentFetch {
 public:
  /// The route of a row's document; nothing: the row needs none.
  using RouteOf = std::function<std::optional<Route>(const RecordView& row)>;

  /// The result for a row.
  struct Answer {
    std::optional<RecordView> whole{};      ///< the document; nothing where there is none
    std::optional<ConnectorError> error{};  ///< why not; nothing where the row needs none
    int status = 0;                         ///< of the answer; 0 where it is not the server's own
    bool gone = false;                      ///< since it was listed
    bool refused = false;                   ///< perhaps for this row alone
  };
  /// Takes each row's answer; its views live as long as the call.
  using Take = std::function<void(const RecordView& row, const Answer& answer)>;

  /// `cache`: of documents that other streams of the run also need; may be null. All must outlive
  /// it. Where the fetcher has no source of clients it sends them itself, one at a time, and must
  /// have nothing under way.
  DocumentFetch(const RowShape& shape, RouteOf route_of, Fetcher& fetcher,
                DocumentCache* cache = nullptr);
  ~DocumentFetch();
  DocumentFetch(const DocumentFetch&) = delete;
  DocumentFetch& operator=(const DocumentFetch&) = delete;

  /// Throws Stopped, and what `take` throws.
  void run(const std::vector<RecordView>& rows, const Take& take);

 private:
  struct Lane;
  void begin(Lane& lane, const RecordView& row);
  void finish(Lane& lane, const RecordView& row);
  void wait(Lane& lane);
  Answer answer(Lane& lane, const RecordView& row);

  const RouteOf route_of_;
  DocumentCache* const cache_;
  const std::stop_token stop_;
  RecordSplitter splitter_;
  std::vector<std::unique_ptr<Fetcher>> companions_;
  std::vector<Lane> lanes_;
  RecordPage page_;
};

}  // namespace source_sentry
