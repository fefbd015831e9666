#include "files/layout.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "files/disk.h"

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

/// Whether a file is named as one of the stream's: "events.jsonl", "events.0002.jsonl".
bool is_named_as(const std::string& name, const std::string& stream, const std::string& ending) {
  if (name == stream + "." + ending) return true;
  const std::string begin = stream + ".";
  const std::string end = "." + ending;
  if (!name.starts_with(begin) || !name.ends_with(end)) return false;
  if (name.size() < begin.size() + kFileDigits + end.size()) return false;
  const std::string number = name.substr(begin.size(), name.size() - begin.size() - end.size());
  return std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void remove_unsaved(const Layout& layout, const std::string& stream, const FileOptions& options,
                    const std::vector<SavedFile>& saved) {
  // A stream without a cursor has one file whatever the options say.
  const bool by_day = options.by_day && (saved.empty() || !saved.front().day.empty());
  std::error_code none;
  const auto clear = [&](const fs::path& below) {
    for (const auto& entry : fs::directory_iterator(layout.folder / below, none)) {
      const std::string name = below / entry.path().filename();
      const bool is_saved = std::any_of(saved.begin(), saved.end(),
                                        [&](const SavedFile& one) { return one.name == name; });
      const bool is_ours = is_named_as(entry.path().filename(), stream, options.ending());
      if (!is_saved && is_ours && entry.is_regular_file(none)) remove_whole(entry.path());
    }
  };
  if (!by_day) return clear({});
  for (const auto& entry : fs::directory_iterator(layout.folder / stream, none)) {
    const std::string day = entry.path().filename();
    if (day.starts_with("day=")) clear(fs::path(stream) / day);
  }
}

bool put_in_place(const Layout& layout, const std::string& stream, SavedStream& saved) {
  if (!saved.successor || !saved.successor_is_due) return false;
  const auto move_over = [](const fs::path& from, const fs::path& to) {
    // Where it is gone, a run that was killed has moved it.
    if (!fs::exists(from)) return;
    make_folder(to.parent_path());
    move_file(from, to);
  };
  const std::vector<SavedFile>& files = saved.successor->files;
  for (const SavedFile& old : saved.records.files) {
    const auto has_same_name = [&](const SavedFile& file) { return file.name == old.name; };
    if (std::none_of(files.begin(), files.end(), has_same_name)) {
      remove_whole(layout.records(stream, old.name, false));
    }
  }
  for (const SavedFile& file : files) {
    move_over(layout.records(stream, file.name, true), layout.records(stream, file.name, false));
  }
  move_over(layout.lines(stream, true), layout.lines(stream, false));
  remove_whole(layout.next(stream));
  saved.records = *std::exchange(saved.successor, std::nullopt);
  saved.successor_is_due = false;
  saved.full_refresh = true;
  saved.latest.reset();  // it is of other records
  return true;
}

}  // namespace source_sentry
