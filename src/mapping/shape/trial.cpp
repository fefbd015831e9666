#include "mapping/shape/trial.h"

#include <utility>

#include "base/error.h"
#include "mapping/shape/shaper.h"

namespace source_sentry {
namespace {

ExpressionTrial try_expression(std::string name, const Expression& expression, MappedRow& row,
                               JqPrograms& programs) {
  std::string lent;
  const Evaluated evaluated = expression.first(row, programs, lent);
  return {std::move(name), expression.text(), std::string(evaluated.value), evaluated.error,
          expression.needs_jq()};
}

RowTrial try_row(const MappedStream& stream, MappedRow& row, JqPrograms& programs) {
  RowTrial trial;
  trial.selected = true;
  for (const Expression& select : stream.select) {
    trial.selects.push_back(try_expression("select", select, row, programs));
    if (trial.selects.back().value == "true") continue;
    trial.selected = false;
    return trial;
  }
  if (stream.map) {
    for (const Leaf& leaf : stream.map->leaves()) {
      trial.leaves.push_back(try_expression(leaf.name, leaf.expression, row, programs));
    }
  }
  return trial;
}

std::vector<RowTrial> try_rows(const MappedStream& stream, MappedRow& whole, JqPrograms& programs) {
  std::vector<RowTrial> rows;
  if (!stream.items) {
    rows.push_back(try_row(stream, whole, programs));
    return rows;
  }
  std::string lent;
  const Evaluated list = stream.items->list.first(whole, programs, lent);
  const std::string record = stream.items->removed ? stream.items->removed->without(whole.whole())
                                                   : std::string(whole.whole());
  MappedRow each(record);
  for (const std::string_view item : elements_of(list.value)) {
    each.put_item(stream.items->name, item);
    rows.push_back(try_row(stream, each, programs));
  }
  return rows;
}

/// Why nothing came out, by what the shaper has counted.
std::string why_none(const RecordTrial& trial, const MappingCounts& counts, bool has_items) {
  for (const MappingCount& count : counts.expressions) {
    if (count.failed == 0 || count.kind == MappingCount::Kind::kRemark ||
        count.kind == MappingCount::Kind::kLeaf) {
      continue;
    }
    return count.name + ": " + count.first;
  }
  return has_items && trial.items == 0 ? "no item" : "not selected";
}

}  // namespace

RecordTrial try_record(const std::shared_ptr<const MappedStream>& stream, std::string_view record,
                       JqPrograms& programs) {
  RecordTrial trial;
  try {
    MappedRow row(record);
    trial.rows = try_rows(*stream, row, programs);
  } catch (const ExpressionError& error) {
    throw ConnectorError(FailureKind::kConfig, stream->place + ": " + error.what() + ".");
  }
  if (stream->items) trial.items = trial.rows.size();
  Shaper shaper(stream, programs);
  shaper.shape(record, "", [&](std::string_view json) { trial.records.emplace_back(json); });
  if (trial.records.empty()) {
    trial.why_none = why_none(trial, shaper.counts(), stream->items.has_value());
  }
  return trial;
}

}  // namespace source_sentry
