#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace source_sentry {

/// Knows for a whole run what the server has failed to answer, so that not every partition finds
/// out anew: a hundred projects would wait for hours for a server that is silent.
///
/// Failures in a row are counted for each group of requests (those of one stream, as a rule) and
/// for the server as a whole. After eight of them without one answer the group is down: from then
/// on each request is made once, and where nothing comes back at all, only for a while and then no
/// more. An answer to one of the group ends that, and so does any answer where nothing was answered
/// at all. Useless answers are counted apart. Thread-safe.
class Outages {
 public:
  /// How a request may be made.
  enum class Leave {
    kFull,     ///< as if nothing were known
    kOnce,     ///< with one attempt
    kBriefly,  ///< with one attempt that waits half a minute
    kNone,     ///< not at all
  };

  /// Call this before each request of the group.
  Leave leave(const std::string& group);

  /// The server has answered, even if with a refusal.
  void answered(const std::string& group);

  /// Nothing that could be used was answered. `silent`: nothing came back at all. `weight`: how
  /// many failures it counts for; one that was not waited for counts for none by itself.
  void failed(const std::string& group, bool silent, int weight);

  /// Whether an answer could be used, or not at all, like a page that is not JSON. `answered` is
  /// called before in both cases: a server that says something is not down.
  void garbled(const std::string& group);
  void usable(const std::string& group);
  /// Whether nothing else has come to this group for so long that asking for the same again is no
  /// use.
  bool is_garbled(const std::string& group) const;

  /// Whether everything known speaks against asking again right away.
  bool is_silent(const std::string& group) const;

  /// A server that fails so often in a row, without one success, is down.
  static constexpr int kMostInARow = 8;
  /// A request made six times over half a minute weighs more: the third of them is the last.
  static constexpr int kTriedForLong = 3;

 private:
  struct Trouble {
    int failures = 0;
    std::size_t looks = 0;  // since it went down
    bool silent = false;

    bool down() const { return failures >= kMostInARow; }
    void add(bool is_silent, int weight);
  };

  mutable std::mutex mutex_;
  std::map<std::string, Trouble> groups_;
  Trouble server_;
  std::map<std::string, int> garbled_;  // answers in a row, by group
};

}  // namespace source_sentry
