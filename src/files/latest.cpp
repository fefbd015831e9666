#include "files/latest.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "files/disk.h"
#include "files/format/csv.h"
#include "files/key_sort.h"
#include "files/record_file.h"
#include "files/record_reader.h"
#include "json/members.h"

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

/// As much as is written at a time.
constexpr std::size_t kBlock = 1 << 18;

/// The values of the key's members, each with its length before it, so that no two keys are alike.
std::string key_text(std::string_view record, const std::vector<std::string>& key,
                     const std::optional<Csv>& csv) {
  std::string text;
  for (const std::string& name : key) {
    const std::string value =
        csv ? csv->cell(record, name) : std::string(member_value(record, name));
    text += std::to_string(value.size()) + ':' + value;
  }
  return text;
}

}  // namespace

SavedFile write_latest(const Layout& layout, const std::string& stream, const SavedStream& saved,
                       const FileOptions& options, const std::vector<std::string>& key) {
  std::optional<Csv> csv;
  if (options.format == FileFormat::kCsv) csv.emplace(saved.columns);
  // A newer copy of a record is in the file of the same day, or of a later one.
  std::vector<SavedFile> files = saved.records.files;
  std::stable_sort(files.begin(), files.end(),
                   [](const SavedFile& a, const SavedFile& b) { return a.day < b.day; });
  const auto each = [&](const std::function<void(std::string_view)>& take) {
    for (const SavedFile& file : files) {
      read_records(layout.records(stream, file.name, false), file, options, take);
    }
  };
  KeySort keys(layout.ours());
  each([&](std::string_view record) { keys.add(key_text(record, key, csv)); });
  const std::vector<bool> newest = keys.newest();

  SavedFile about;
  about.name = stream + ".latest." + options.ending();
  const fs::path beside = layout.ours() / about.name;
  RecordFile latest(beside, about, options.compression, csv ? &*csv : nullptr);
  std::string block;
  std::uint64_t records = 0;
  const auto write = [&] {
    const std::string_view piece = block;
    latest.append(std::span(&piece, 1), records);
    block.clear();
    records = 0;
  };
  std::size_t number = 0;
  each([&](std::string_view record) {
    if (!newest[number++]) return;
    block += record;
    ++records;
    if (block.size() >= kBlock) write();
  });
  write();
  latest.mark();
  latest.sync();
  move_file(beside, layout.folder / about.name);
  return latest.saved();
}

}  // namespace source_sentry
