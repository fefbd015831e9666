#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/shape/counts.h"
#include "mapping/shape/mapped_stream.h"

namespace source_sentry {

/// Makes the records of a mapped stream out of its source's. Its programs are compiled when they
/// are first needed. For one thread.
class Shaper {
 public:
  /// Takes one record, which is valid until it returns.
  using Sink = std::function<void(std::string_view json)>;

  /// `programs` are the thread's, and outlive this.
  /// `marker_key`: where it is not empty, a row that select says is not selected gives a record of
  /// these members and `"_deselected": true`, if it has them all.
  Shaper(std::shared_ptr<const MappedStream> stream, JqPrograms& programs,
         std::vector<std::string> marker_key = {});

  /// Hands what `record` gives to `sink`: nothing, one record or several. `record` is an object
  /// that RecordSplitter has checked; `id` names it in messages. What fails is counted; only where
  /// the first error is fatal, and for a program that jq cannot take, ConnectorError is thrown.
  void shape(std::string_view record, std::string_view id, const Sink& sink);

  /// The same for a record that only says that its row is gone: it is in no selection and has no
  /// items, and what it gives has `"_deleted": true`. Nothing where its key does not come out.
  void shape_gone(std::string_view record, const Sink& sink);

  const MappingCounts& counts() const { return counts_; }
  const MappedStream& stream() const { return *stream_; }

 private:
  void shape_items(MappedRow& row, const Sink& sink);
  void shape_row(MappedRow& row, const Sink& sink);
  /// What select says of the row; nothing where it fails.
  std::optional<bool> selected(MappedRow& row);
  void mark_deselected(MappedRow& row, const Sink& sink);
  void write_record(MappedRow& row, const Sink& sink);
  void write_outputs(MappedRow& row, const Sink& sink);
  void send(std::string_view record, const Sink& sink);
  void failed(std::size_t count, const std::string& why);

  const std::shared_ptr<const MappedStream> stream_;
  JqPrograms& programs_;
  const std::vector<std::string> marker_key_;
  std::optional<MapTree> marker_map_;
  MappingCounts counts_;
  std::string_view id_;  // of the record under way
  std::string out_;
  std::string lent_;
};

}  // namespace source_sentry
