#include "engine/custom/custom_records.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "json/members.h"
#include "mapping/jq/quoted.h"

namespace source_sentry {
namespace {

constexpr std::size_t kMostOfError = 200;

std::string first_of(const PageCounts& counts) {
  return counts.first_error.empty() ? ""
                                    : " First: " + excerpt(counts.first_error, kMostOfError) + ".";
}

}  // namespace

std::vector<std::string> CustomRecords::of_page(std::string_view body, const ParentRow* parent) {
  std::vector<std::string> records;
  const std::string error =
      page_rows(body, stream_.rule, programs_, counts_, [&](std::string_view record) {
        if (auto made = take(record, parent)) records.push_back(*std::move(made));
      });
  if (error.empty()) return records;
  throw ConnectorError(FailureKind::kConfig,
                       stream_.place + ", iterator failed: " + excerpt(error, kMostOfError) + ".");
}

std::optional<std::string> CustomRecords::take(std::string_view record, const ParentRow* parent) {
  std::string made = parent != nullptr ? with_taken(record, *parent) : std::string(record);
  const auto mark = mark_of(made);
  if (!mark) {
    ++without_key_;
    return std::nullopt;
  }
  if (once_) {
    if (written_.contain(*mark)) {
      ++repeated_;
      return std::nullopt;
    }
    written_.insert(*mark);
  }
  if (!stream_.cursor_field.empty()) {
    const auto when = parse_instant(text_of_value(member_value(made, stream_.cursor_field)));
    if (!when) ++without_cursor_;
    if (when && (!newest_ || *when > *newest_)) newest_ = when;
  }
  return made;
}

/// A member of its own goes before what it would take.
std::string CustomRecords::with_taken(std::string_view record, const ParentRow& parent) {
  if (stream_.inject.empty()) return std::string(record);
  const std::vector<Member> own = top_level_members(record);
  std::string made = "{";
  for (std::size_t at = 0; at < stream_.inject.size(); ++at) {
    const std::string& key = stream_.inject[at].key;
    if (std::any_of(own.begin(), own.end(),
                    [&](const Member& member) { return has_key(member, key); })) {
      ++clashes_;
      continue;
    }
    append_quoted(key, made);
    made.append(":").append(parent.taken[at]).append(",");
  }
  const std::size_t first = record.find('"');
  if (first != record.npos) return made.append(record.substr(first));
  if (made.back() == ',') made.pop_back();
  return made + "}";
}

/// Of its primary key; nothing where a part of that is missing.
std::optional<std::uint64_t> CustomRecords::mark_of(std::string_view record) const {
  std::uint64_t hash = fnv1a("");
  for (const std::string& key : stream_.primary_key) {
    const std::string_view value = member_value(record, key);
    if (value.empty() || value == "null") return std::nullopt;
    // A number and the text of its digits are one id.
    const auto text = text_in(value);
    hash = fnv1a("\n", fnv1a(text ? std::string_view(*text) : value, hash));
  }
  return std::max<std::uint64_t>(hash, 1);
}

void CustomRecords::finish() const {
  const std::string& place = stream_.place;
  if (counts_.records == 0 && counts_.without_id > 0) {
    throw ConnectorError(FailureKind::kConfig, place + ", record_id gives nothing for any of " +
                                                   number_of(counts_.without_id, "record") + "." +
                                                   first_of(counts_));
  }
  if (counts_.records > 0 && counts_.records == without_key_) {
    throw ConnectorError(FailureKind::kConfig,
                         place + ", primary_key: no record has all of its members.");
  }
  if (counts_.without_id > 0) {
    spdlog::warn("{}, record_id: {} without one were left out.{}", place,
                 number_of(counts_.without_id, "record"), first_of(counts_));
  }
  if (without_key_ > 0) {
    spdlog::warn("{}, primary_key: {} without all of its members were left out.", place,
                 number_of(without_key_, "record"));
  }
  if (counts_.unjudged > 0) {
    spdlog::warn("{}, exclude or select: {} were kept for which it gives neither true nor false.{}",
                 place, number_of(counts_.unjudged, "record"), first_of(counts_));
  }
  if (counts_.not_objects > 0) {
    spdlog::warn("{}, iterator: {} were left out.", place,
                 entries_not(counts_.not_objects, "record"));
  }
  if (counts_.nothing > 0) {
    spdlog::warn("{}, iterator: it gives null for {}.", place, number_of(counts_.nothing, "page"));
  }
  if (clashes_ > 0) {
    spdlog::warn("{}, inject: {} kept a member of their own of that name.", place,
                 number_of(clashes_, "record"));
  }
  if (without_cursor_ > 0) {
    spdlog::warn("{}, cursor_field: {} have no time there, and do not move the state.", place,
                 number_of(without_cursor_, "record"));
  }
  if (counts_.excluded + repeated_ > 0) {
    spdlog::info("{}: {} excluded, and {} listed more than once.", stream_.name,
                 number_of(counts_.excluded, "record"), repeated_);
  }
}

}  // namespace source_sentry
