#include "mapping/shape/shaper.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "json/members.h"
#include "mapping/jq/quoted.h"

namespace source_sentry {
namespace {

// The places of counts_.expressions; the leaves of a map come last.
constexpr std::size_t kSelect = 0;
constexpr std::size_t kItems = 1;
constexpr std::size_t kOutput = 2;
constexpr std::size_t kKey = 3;
constexpr std::size_t kIdentifier = 4;
constexpr std::size_t kLeaves = 5;

constexpr std::size_t kLongestIdentifier = 1000;  // Port's API, schema of an entity

/// Whether Port's API takes that text as an identifier: ^(?!\.{1,2}$)[\p{L}0-9@_.+:\\/=-]+$
bool is_port_identifier(std::string_view text) {
  if (text.empty() || text == "." || text == ".." || text.size() > kLongestIdentifier) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    const bool is_ascii = static_cast<unsigned char>(c) < 0x80;
    return !is_ascii || is_letter_or_digit(c) ||
           std::string_view("@_.+:\\/=-").find(c) != std::string_view::npos;
  });
}

}  // namespace

Shaper::Shaper(std::shared_ptr<const MappedStream> stream, JqPrograms& programs,
               std::vector<std::string> marker_key)
    : stream_(std::move(stream)), programs_(programs), marker_key_(std::move(marker_key)) {
  if (stream_->map && !marker_key_.empty()) {
    marker_map_ = stream_->map;
    marker_map_->keep(marker_key_);
  }
  using Kind = MappingCount::Kind;
  const auto add = [&](std::string name, Kind kind) {
    counts_.expressions.push_back({std::move(name), kind, 0, 0, {}});
  };
  add("select", Kind::kSelector);
  add("items", Kind::kRecord);
  add("map", Kind::kRecord);
  add("key", Kind::kKey);
  add("map.identifier", Kind::kRemark);
  if (stream_->map) {
    for (const Leaf& leaf : stream_->map->leaves()) add(leaf.name, Kind::kLeaf);
  }
  counts_.leaves_may_fail = stream_->shape != RecordShape::kPlain;
}

void Shaper::shape(std::string_view record, std::string_view id, const Sink& sink) {
  ++counts_.records;
  id_ = id;
  programs_.about(stream_->name, id);
  try {
    if (!stream_->items) {
      MappedRow row(record);
      shape_row(row, sink);
      return;
    }
    MappedRow whole(record);
    shape_items(whole, sink);
  } catch (const ExpressionError& error) {
    throw ConnectorError(FailureKind::kConfig, stream_->place + ": " + error.what() + ".");
  }
}

void Shaper::shape_gone(std::string_view record, const Sink& sink) {
  // Which of its items there were is not known, nor which outputs.
  if (stream_->items || stream_->program) return;
  out_.clear();
  MappedRow row(record);
  if (stream_->map) {
    const auto ignore = [](std::size_t /*leaf*/, const std::string& /*why*/) {};
    if (stream_->map->write(row, programs_, ignore, out_) != nullptr) return;
  } else if (stream_->fields.empty()) {
    sink(record);
    return;
  } else if (!stream_->fields.write(record, out_)) {
    return;
  }
  for (const std::string& key : stream_->primary_key.value_or(std::vector<std::string>())) {
    const std::string_view value = member_value(out_, key);
    if (value.empty() || value == "null") return;
  }
  out_.pop_back();
  sink(out_.append(out_.size() > 1 ? "," : "").append(R"("_deleted":true})"));
}

void Shaper::shape_items(MappedRow& row, const Sink& sink) {
  const Items& items = *stream_->items;
  ++counts_.expressions[kItems].asked;
  std::string lent;
  const Evaluated list = items.list.first(row, programs_, lent);
  if (!list.worked() || !list.value.starts_with('[')) {
    const std::string gave = list.worked()
                                 ? "it gives " + std::string(jq_kind(list.value)) + ", not an array"
                                 : "it gives nothing";
    failed(kItems, list.error.empty() ? gave : list.error);
    return;
  }
  const std::string record =
      items.removed ? items.removed->without(row.whole()) : std::string(row.whole());
  MappedRow each(record);
  for (const std::string_view item : elements_of(list.value)) {
    each.put_item(items.name, item);
    shape_row(each, sink);
  }
}

void Shaper::shape_row(MappedRow& row, const Sink& sink) {
  const std::optional<bool> is_selected = selected(row);
  if (is_selected == false && !marker_key_.empty()) mark_deselected(row, sink);
  if (is_selected != true) return;
  ++counts_.selected;
  if (stream_->program) {
    write_outputs(row, sink);
  } else if (stream_->map) {
    write_record(row, sink);
  } else if (!stream_->fields.empty()) {
    out_.clear();
    ++counts_.expressions[kOutput].asked;
    if (!stream_->fields.write(row.whole(), out_)) {
      failed(kOutput, "none of the fields is there");
    } else {
      send(out_, sink);
    }
  } else {
    send(row.whole(), sink);
  }
}

/// The destination may hold the row from a time when it was selected.
void Shaper::mark_deselected(MappedRow& row, const Sink& sink) {
  out_.clear();
  if (marker_map_) {
    const auto ignore = [](std::size_t /*leaf*/, const std::string& /*why*/) {};
    if (marker_map_->write(row, programs_, ignore, out_) != nullptr) return;
  } else {
    out_ = "{";
    for (const std::string& key : marker_key_) {
      if (out_.size() > 1) out_ += ',';
      append_quoted(key, out_);
      out_.append(":").append(member_value(row.whole(), key));
    }
    out_ += '}';
  }
  for (const std::string& key : marker_key_) {
    const std::string_view value = member_value(out_, key);
    if (value.empty() || value == "null") return;
  }
  out_.pop_back();
  sink(out_.append(R"(,"_deselected":true})"));
}

std::optional<bool> Shaper::selected(MappedRow& row) {
  for (const Expression& select : stream_->select) {
    if (&select == &stream_->select.front()) ++counts_.expressions[kSelect].asked;
    const Evaluated evaluated = select.first(row, programs_, lent_);
    if (evaluated.value == "true") continue;
    if (evaluated.value == "false") return false;
    const std::string gave =
        evaluated.worked()
            ? "it gives " + std::string(jq_kind(evaluated.value)) + ", neither true nor false"
            : "it gives nothing";
    failed(kSelect, evaluated.error.empty() ? gave : evaluated.error);
    return std::nullopt;
  }
  return true;
}

void Shaper::write_record(MappedRow& row, const Sink& sink) {
  out_.clear();
  for (std::size_t leaf = kLeaves; leaf < counts_.expressions.size(); ++leaf) {
    ++counts_.expressions[leaf].asked;
  }
  ++counts_.expressions[kKey].asked;
  const Leaf* lacking = stream_->map->write(
      row, programs_,
      [&](std::size_t leaf, const std::string& why) { failed(kLeaves + leaf, why); }, out_);
  if (lacking != nullptr) {
    failed(kKey, lacking->name + " is null or empty");
    return;
  }
  if (stream_->shape == RecordShape::kPort) {
    const std::string_view identifier = member_value(out_, "identifier");
    ++counts_.expressions[kIdentifier].asked;
    if (identifier.starts_with('"') && !is_port_identifier(text_of_value(identifier))) {
      failed(kIdentifier, "Port takes no blanks and few signs in " + excerpt(identifier, 80));
    }
  }
  send(out_, sink);
}

void Shaper::write_outputs(MappedRow& row, const Sink& sink) {
  ++counts_.expressions[kOutput].asked;
  bool failed_once = false;
  const auto fail_once = [&](const std::string& why) {
    if (!std::exchange(failed_once, true)) failed(kOutput, why);
  };
  const std::string error = stream_->program->each(row, programs_, [&](std::string_view output) {
    if (output.starts_with('{') && output != "{}") {
      send(output, sink);
    } else {
      fail_once("an output is " + std::string(output == "{}" ? "empty" : jq_kind(output)) +
                ", not an object");
    }
    return true;
  });
  if (!error.empty()) fail_once(error);
}

void Shaper::send(std::string_view record, const Sink& sink) {
  // The leaves of a map have been asked already.
  if (stream_->primary_key && !stream_->map) {
    ++counts_.expressions[kKey].asked;
    for (const std::string& key : *stream_->primary_key) {
      const std::string_view value = member_value(record, key);
      if (!value.empty() && value != "null") continue;
      failed(kKey, key + " is null");
      return;
    }
  }
  sink(record);
  ++counts_.written;
}

void Shaper::failed(std::size_t count, const std::string& why) {
  MappingCount& counted = counts_.expressions[count];
  ++counted.failed;
  if (counted.first.empty()) {
    counted.first = (id_.empty() ? "" : "record " + excerpt(id_, 80) + ": ") + why;
  }
  using Kind = MappingCount::Kind;
  if (counted.kind == Kind::kSelector || counted.kind == Kind::kRecord) ++counts_.left_out;
  const bool is_error = counted.kind != Kind::kRemark && counted.kind != Kind::kKey;
  if (!is_error || !stream_->first_error_is_fatal) return;
  throw ConnectorError(FailureKind::kConfig,
                       stream_->name + ", " + counted.name + ": " + counted.first +
                           ". mapping_errors is \"fail\", so the stream ends here.");
}

}  // namespace source_sentry
