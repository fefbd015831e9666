#include "engine/write/record_block.h"

#include <utility>

#include "json/record_splitter.h"

namespace source_sentry {
namespace {

/// The list of pieces, and the system's list of the same, take 64 bytes a record. That is more than
/// a tiny record takes itself, so a page of millions goes out in parts.
constexpr std::uint64_t kMostRecords = 4096;

}  // namespace

RecordBlock::RecordBlock(StreamSink& output, std::shared_ptr<RecordShaping> shaping)
    : output_(output), head_(output.head()), shaping_(std::move(shaping)) {}

void RecordBlock::add(std::string_view json, std::string_view id) {
  if (!shaping_) return put(json);
  shaped(json, false, [&](const RecordShaper::Sink& sink) { shaper_->shape(json, id, sink); });
}

void RecordBlock::add_own(std::string json, std::string_view id) {
  if (!shaping_) return put(own_.emplace_back(std::move(json)));
  shaped(json, true, [&](const RecordShaper::Sink& sink) { shaper_->shape(json, id, sink); });
}

void RecordBlock::add_gone(std::string json) {
  if (!shaping_) return put(own_.emplace_back(std::move(json)));
  shaped(json, true, [&](const RecordShaper::Sink& sink) { shaper_->shape_gone(json, sink); });
}

/// Puts in what `shape` makes of a record. `is_own`: its bytes do not outlive this.
template <typename Shape>
void RecordBlock::shaped(std::string_view json, bool is_own, const Shape& shape) {
  if (!shaper_) shaper_ = shaping_->lend();
  const std::uint64_t before = shaper_->left_out();
  try {
    shape([&](std::string_view record) {
      const bool stays = !is_own && record.data() == json.data();
      put(stays ? record : own_.emplace_back(record));
    });
  } catch (const ConnectorError&) {
    write();
    throw;
  }
  const std::uint64_t left_out = shaper_->left_out() - before;
  if (left_out > 0) output_.left_out(left_out);
}

void RecordBlock::put(std::string_view json) {
  if (auto line = in_one_line(json)) json = own_.emplace_back(*std::move(line));
  ++added_;
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

void RecordBlock::write() {
  if (empty()) return;
  output_.records(pieces_, std::exchange(records_, 0));
  own_.clear();
}

}  // namespace source_sentry
