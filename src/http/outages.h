#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace source_sentry {

/// Knows for a whole run what the server has failed to answer, so that not every partition has to
/// find out anew: a hundred projects would wait for hours for a server that is silent.
///
/// Failures in a row are counted for each group of requests (those of one stream, as a rule) and
/// for the server as a whole. After eight of them without one answer the group is down: what is
/// asked then is asked once, and where nothing comes back at all, only for a while and then no
/// more. An answer to one of the group ends that, and so does any answer where nothing was
/// answered at all. Answers that are of no use are counted apart. Thread-safe.
class Outages {
 public:
  /// How a request may be made.
  enum class Leave {
    kFull,     ///< as if nothing was known
    kOnce,     ///< with one attempt
    kBriefly,  ///< with one attempt that waits half a minute
    kNone,     ///< not at all
  };

  /// To be asked for each request of the group.
  Leave leave(const std::string& group);

  /// The server has answered, be it a refusal.
  void answered(const std::string& group);

  /// Nothing that could be used was answered. `silent`: nothing came back at all. `weight`: how
  /// many failures it counts for; one that nobody waited for counts for none by itself.
  void failed(const std::string& group, bool silent, int weight);

  /// What was answered could not be used at all, as a page that is not JSON; or it could.
  /// `answered` is told of both before: a server that says something is not down.
  void garbled(const std::string& group);
  void usable(const std::string& group);
  /// Whether nothing else has come to this group for so long that asking for the same again is no
  /// use.
  bool is_garbled(const std::string& group) const;

  /// Whether all that is known speaks against asking once more at once.
  bool is_silent(const std::string& group) const;

  /// A server that fails so often in a row, without one success, is down.
  static constexpr int kMostInARow = 8;
  /// What was asked for half a minute long, six times, weighs more: the third of them is the last.
  static constexpr int kTriedForLong = 3;

 private:
  struct Trouble {
    int failures = 0;
    std::size_t looks = 0;  // since it was down
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
