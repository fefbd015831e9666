#include "live/server/connection_table.h"

#include <limits>
#include <optional>
#include <utility>

#include "base/text.h"

namespace source_sentry {

bool ConnectionTable::admit(const std::string& peer) {
  std::shared_ptr<Connection> loser;
  if (size() >= limits_.connections) {
    loser = first_to_go();
    if (!loser) return false;
  }
  if (!counts_.add(client_key(peer), most_of(peer))) return false;
  if (loser) {
    // It closes itself in a moment, and no longer counts from now on: no other makes room for two.
    remove(*loser);
    loser->close();
  }
  return true;
}

void ConnectionTable::add(std::shared_ptr<Connection> connection) {
  const std::scoped_lock lock(mutex_);
  Connection* const key = connection.get();
  connections_.emplace(key, std::move(connection));
}

void ConnectionTable::remove(Connection& connection) {
  std::shared_ptr<Connection> removed;  // ends after the lock
  const std::scoped_lock lock(mutex_);
  const auto found = connections_.find(&connection);
  if (found == connections_.end()) return;
  counts_.remove(client_key(connection.peer()));
  removed = std::move(found->second);
  connections_.erase(found);
  if (connections_.empty()) changed_.notify_all();
}

std::size_t ConnectionTable::size() const {
  const std::scoped_lock lock(mutex_);
  return connections_.size();
}

std::vector<std::shared_ptr<Connection>> ConnectionTable::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(connections_.size());
  for (const auto& [key, connection] : connections_) all.push_back(connection);
  return all;
}

bool ConnectionTable::wait_until_empty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return connections_.empty(); });
}

std::shared_ptr<Connection> ConnectionTable::first_to_go() const {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<Connection> first;
  std::optional<Connection::Turn> turn;
  for (const auto& [key, connection] : connections_) {
    const auto its = connection->turn_to_go();
    if (!its || (turn && *turn <= *its)) continue;
    turn = its;
    first = connection;
  }
  return first;
}

std::size_t ConnectionTable::most_of(const std::string& peer) const {
  return holds(limits_.proxies, peer) ? std::numeric_limits<std::size_t>::max()
                                      : limits_.connections_of_one;
}

}  // namespace source_sentry
