#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/fetch/route.h"
#include "http/http.h"

namespace source_sentry {

/// Pages of the lists that several streams of a run read. Who asks for one first gets it from the
/// server; it is kept until each of the others has had it, or has ended. Nobody is given a page a
/// second time: who asks again wants to know whether it has changed. What is not kept is asked for
/// once more, so that losing a page costs a request and nothing else. Thread-safe.
class PageShare {
 public:
  /// A stream's place in the run.
  using Reader = std::size_t;

  /// Bytes of bodies that are kept at a time, at most.
  static constexpr std::size_t kMostKept = std::size_t{64} << 20U;

  /// What names a reader's list, and the lists that its rows lead to: readers of the same ones
  /// share their pages.
  struct Lists {
    std::string own;
    std::string children{};  ///< empty: none
  };

  explicit PageShare(std::vector<Lists> lists, std::size_t most = kMostKept);

  /// Whether there is another reader of its list.
  bool has_others(Reader reader) const;

  /// The first reader of the same list.
  Reader first_of(Reader reader) const;

  /// Whether a page is kept for the reader; it stays until the reader takes it, or ends.
  bool has(Reader reader, const std::string& target) const;

  /// Puts the page into `response`; false, with nothing changed, if none is kept for the reader.
  bool take(Reader reader, const std::string& target, Response& response);

  /// The reader has got this page from the server. A page that finds no room is not kept.
  void offer(Reader reader, const std::string& target, const Response& response,
             Shared shared = Shared::kList);

  /// The reader has ended.
  void leave(Reader reader);

 private:
  struct Page {
    Response response{};
    std::vector<Reader> waiting{};  ///< who has not had it
  };
  using Pages = std::unordered_map<std::string, Page>;

  bool share(Reader one, Reader other, Shared what) const;

  /// The reader needs the page no more; the next one in `pages_`.
  Pages::iterator drop(Pages::iterator page, Reader reader);

  const std::vector<Lists> lists_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::vector<bool> ended_;
  Pages pages_;  // by target
  std::size_t kept_ = 0;
};

}  // namespace source_sentry
