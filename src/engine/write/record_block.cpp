#include "engine/write/record_block.h"

#include <utility>

#include "json/record_splitter.h"

namespace source_sentry {
namespace {

/// The list of pieces, and the system's list of the same, take 64 bytes a record. That is more than
/// a tiny record takes itself, so a page of millions goes out in parts.
constexpr std::uint64_t kMostRecords = 4096;

}  // namespace

RecordBlock::RecordBlock(StreamSink& output) : output_(output), head_(output.head()) {}

void RecordBlock::add(std::string_view json) {
  if (auto line = in_one_line(json)) json = own_.emplace_back(*std::move(line));
  if (records_++ == 0) {
    tail_ = output_.tail();
    joint_ = tail_ + head_;
    pieces_.assign({head_, json, tail_});
  } else {
    pieces_.back() = joint_;
    pieces_.push_back(json);
    pieces_.emplace_back(tail_);
  }
  if (records_ == kMostRecords) write();
}

void RecordBlock::add_own(std::string json) { add(own_.emplace_back(std::move(json))); }

void RecordBlock::write() {
  if (empty()) return;
  output_.records(pieces_, std::exchange(records_, 0));
  own_.clear();
}

}  // namespace source_sentry
