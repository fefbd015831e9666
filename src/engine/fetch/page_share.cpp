#include "engine/fetch/page_share.h"

#include <algorithm>
#include <new>
#include <utility>

namespace source_sentry {

PageShare::PageShare(std::vector<Lists> lists, std::size_t most)
    : lists_(std::move(lists)), most_(most), ended_(lists_.size()) {}

bool PageShare::has_others(Reader reader) const {
  return std::count_if(lists_.begin(), lists_.end(),
                       [&](const Lists& lists) { return lists.own == lists_.at(reader).own; }) > 1;
}

PageShare::Reader PageShare::first_of(Reader reader) const {
  const auto first = std::find_if(lists_.begin(), lists_.end(), [&](const Lists& lists) {
    return lists.own == lists_.at(reader).own;
  });
  return static_cast<Reader>(first - lists_.begin());
}

bool PageShare::share(Reader one, Reader other, Shared what) const {
  const Lists& ours = lists_.at(one);
  const Lists& theirs = lists_.at(other);
  return ours.own == theirs.own && (what == Shared::kList || ours.children == theirs.children);
}

bool PageShare::has(Reader reader, const std::string& target) const {
  const std::scoped_lock lock(mutex_);
  const auto page = pages_.find(target);
  if (page == pages_.end()) return false;
  const auto& waiting = page->second.waiting;
  return std::find(waiting.begin(), waiting.end(), reader) != waiting.end();
}

bool PageShare::take(Reader reader, const std::string& target, Response& response) {
  const std::scoped_lock lock(mutex_);
  const auto page = pages_.find(target);
  if (page == pages_.end()) return false;
  const auto& waiting = page->second.waiting;
  if (std::find(waiting.begin(), waiting.end(), reader) == waiting.end()) return false;
  response = page->second.response;
  drop(page, reader);
  return true;
}

void PageShare::offer(Reader reader, const std::string& target, const Response& response,
                      Shared shared) {
  const std::scoped_lock lock(mutex_);
  if (const auto page = pages_.find(target); page != pages_.end()) {
    // The others still get the page that they would have got: theirs may go on from there.
    drop(page, reader);
    return;
  }
  if (response.body.size() > most_ - std::min(kept_, most_)) return;
  try {
    Page page;
    for (Reader other = 0; other < lists_.size(); ++other) {
      if (other == reader || ended_[other] || !share(reader, other, shared)) continue;
      page.waiting.push_back(other);
    }
    if (page.waiting.empty()) return;
    page.response = response;
    pages_.emplace(target, std::move(page));
    kept_ += response.body.size();
  } catch (const std::bad_alloc&) {
    // It is asked for once more.
  }
}

void PageShare::leave(Reader reader) {
  const std::scoped_lock lock(mutex_);
  ended_.at(reader) = true;
  for (auto page = pages_.begin(); page != pages_.end();) page = drop(page, reader);
}

PageShare::Pages::iterator PageShare::drop(Pages::iterator page, Reader reader) {
  auto& waiting = page->second.waiting;
  waiting.erase(std::remove(waiting.begin(), waiting.end(), reader), waiting.end());
  if (!waiting.empty()) return std::next(page);
  kept_ -= page->second.response.body.size();
  return pages_.erase(page);
}

}  // namespace source_sentry
