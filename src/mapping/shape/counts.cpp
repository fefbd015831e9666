#include "mapping/shape/counts.h"

#include <algorithm>

namespace source_sentry {
namespace {

std::string what_failed(const MappingCount& count) {
  const std::string of = with_commas(count.failed) + " of " + with_commas(count.asked) +
                         (count.asked == 1 ? " record" : " records");
  switch (count.kind) {
    case MappingCount::Kind::kLeaf:
      return "null for " + of;
    case MappingCount::Kind::kSelector:
      return of + " left out, because the expression failed or gave no boolean";
    case MappingCount::Kind::kRecord:
      return of + " left out, because the expression failed or gave what cannot be used";
    case MappingCount::Kind::kKey:
      return of + " left out, because the key has no value";
    case MappingCount::Kind::kRemark:
      break;
  }
  return of + " may be refused by the destination";
}

}  // namespace

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

void MappingCounts::add(const MappingCounts& others) {
  if (expressions.empty()) {
    *this = others;
    return;
  }
  for (std::size_t i = 0; i < expressions.size() && i < others.expressions.size(); ++i) {
    MappingCount& mine = expressions[i];
    const MappingCount& theirs = others.expressions[i];
    mine.asked += theirs.asked;
    mine.failed += theirs.failed;
    if (mine.first.empty()) mine.first = theirs.first;
  }
  records += others.records;
  selected += others.selected;
  written += others.written;
  left_out += others.left_out;
}

bool MappingCounts::none_selected() const {
  if (records == 0 || selected > 0) return false;
  const MappingCount& select = expressions.front();
  return select.failed == 0 || select.failed < select.asked;
}

std::vector<std::string> MappingCounts::warnings(const std::string& stream) const {
  std::vector<std::string> lines;
  for (const MappingCount& count : expressions) {
    if (count.failed == 0) continue;
    lines.push_back(stream + ", " + count.name + ": " + what_failed(count) +
                    ". First: " + count.first + ".");
  }
  return lines;
}

std::optional<std::string> MappingCounts::never_works(const std::string& stream,
                                                      bool at_end) const {
  for (const MappingCount& count : expressions) {
    const bool is_leaf = count.kind == MappingCount::Kind::kLeaf;
    if (count.kind == MappingCount::Kind::kRemark || (is_leaf && leaves_may_fail)) continue;
    if (count.failed == 0 || count.failed < count.asked) continue;
    // Of a program with several outputs some are of use.
    if (!is_leaf && written > 0) continue;
    if (count.asked < kEnough && (is_leaf || !at_end)) continue;
    return stream + ", " + count.name + " failed for every record (" + with_commas(count.asked) +
           "). First: " + count.first + ".";
  }
  return std::nullopt;
}

}  // namespace source_sentry
