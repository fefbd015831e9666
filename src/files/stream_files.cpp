#include "files/stream_files.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <fstream>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>

#include "files/append_file.h"
#include "files/disk.h"
#include "files/latest.h"
#include "files/record_reader.h"
#include "json/members.h"

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kHashBytes = 8;
/// Of one stream. More at a time would come near to what a process may have open, often 1,024.
constexpr std::size_t kMostOpen = 64;
/// A compressed frame is as short as this only at the end of a run, or where records are few: each
/// begins without what the one before it has learnt.
constexpr std::uint64_t kWorthAFrame = 4 << 20;
constexpr Duration kFrameTime = std::chrono::seconds(2);

std::string beginning_of(const fs::path& path, std::uint64_t bytes) {
  std::string text(bytes, '\0');
  std::ifstream(path, std::ios::binary).read(text.data(), static_cast<std::streamsize>(bytes));
  return text;
}

}  // namespace

StreamFiles::StreamFiles(const FileSetting& setting, std::string stream,
                         const std::optional<SavedStream>& saved, const FileMode& mode,
                         std::uint64_t run)
    : setting_(setting),
      stream_(std::move(stream)),
      run_(run),
      key_(mode.key),
      day_key_(setting.options.by_day ? mode.cursor_key : ""),
      saved_(saved.value_or(SavedStream())),
      old_is_complete_(saved_.status == SavedStream::Status::kComplete),
      marked_at_(setting.clock.steady_now()) {
  choose_target(mode);
  note_since(mode);
  saved_.status = SavedStream::Status::kRunning;
  saved_.errors.clear();
  if (setting.options.format == FileFormat::kCsv) {
    if (saved_.columns.empty()) saved_.columns = mode.columns;
    csv_.emplace(saved_.columns);
  }
  open(saved.has_value());
}

/// Whether it appends, replaces in the end, or begins in place.
void StreamFiles::choose_target(const FileMode& mode) {
  const auto can_resume = [&](const SavedRecords& records) {
    return mode.full_refresh && records.state.is_object() && records.since == mode.since &&
           mode.resumes && mode.resumes(records.state);
  };
  if (saved_.successor && can_resume(*saved_.successor)) return;
  remove_whole(setting_.layout.next(stream_));
  saved_.successor.reset();
  if (!mode.full_refresh) {
    saved_.full_refresh = false;
    return;
  }
  if (saved_.full_refresh && !old_is_complete_ && can_resume(saved_.records)) return;
  if (saved_.records.count() > 0) {
    saved_.successor = SavedRecords();
  } else {
    saved_.records.state = nullptr;
    saved_.records.left_out = 0;
    saved_.full_refresh = true;
  }
}

/// A state knows where reading resumes, and not where it began.
void StreamFiles::note_since(const FileMode& mode) {
  SavedRecords& records = target();
  if (records.state.is_null()) {
    records.since = mode.since;
  } else if (records.since && mode.since.value_or(Instant::min()) < *records.since) {
    spdlog::warn(
        "{}: the folder was begun with the start {}, and this run adds nothing older. Read the "
        "stream with --full-refresh, or into another folder.",
        stream_, format_instant(*records.since));
  }
}

void StreamFiles::open(bool is_known) {
  const bool of_next = saved_.successor.has_value();
  const Layout& layout = setting_.layout;
  if (of_next) make_folder(layout.next(stream_));
  if (is_known) {
    remove_unsaved(layout, stream_, setting_.options, saved_.records.files);
  } else {
    refuse_foreign(day_key_.empty() ? layout.folder / next_file("").name : layout.folder / stream_);
  }
  SavedRecords& records = target();
  records_before_ = records.count();
  for (const SavedFile& file : records.files) {
    // Torn ends go, also of files that get no more records. One without any may not be there yet.
    const fs::path path = layout.records(stream_, file.name, of_next);
    make_folder(path.parent_path());
    AppendFile(path, file.bytes);
  }
  const fs::path lines = layout.lines(stream_, of_next);
  make_sure_of_lines(lines);
  lines_ = std::make_unique<AppendFile>(lines, records_before_ * kHashBytes);
  memory_ = LineMemory(beginning_of(lines, lines_->size()));
  if (day_key_.empty()) file_of("");  // an empty stream has an empty file
}

/// Who copies a folder easily leaves out what is hidden in it. The hashes are of the records as
/// Sentry sent them, so lines of JSON give them again, and rows of CSV do not.
void StreamFiles::make_sure_of_lines(const fs::path& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  if (csv_ || records_before_ == 0 || (!failed && size >= records_before_ * kHashBytes)) return;
  LineMemory memory;
  for (const SavedFile& file : target().files) {
    read_records(setting_.layout.records(stream_, file.name, saved_.successor.has_value()), file,
                 setting_.options,
                 [&](std::string_view line) { memory.is_new(line.substr(0, line.size() - 1)); });
  }
  replace_file(path, memory.take_new_bytes());
}

nlohmann::json StreamFiles::state() const {
  const std::scoped_lock lock(mutex_);
  return target().state;
}

void StreamFiles::append(std::span<const std::string_view> pieces) {
  const std::scoped_lock lock(mutex_);
  if (failure_) throw ConnectorError(*failure_);
  or_fail([&] {
    std::map<std::string, Lines> lines;
    std::deque<std::string> rows;
    std::uint64_t records = 0;
    for (std::size_t i = 1; i < pieces.size(); i += 2) {
      const std::string_view record = pieces[i];
      if (!memory_.is_new(record)) continue;
      ++records;
      Lines& of_day = lines[day_of(record)];
      if (of_day.empty()) of_day.reserve(pieces.size());
      if (csv_) {
        of_day.emplace_back(rows.emplace_back(csv_->row(record)));
      } else {
        of_day.push_back(record);
        of_day.emplace_back("\n");
      }
    }
    for (const auto& [day, of_day] : lines) write(day, of_day);
    if (!lines.empty()) to_mark_.reset();
    written_.records += records;
  });
}

void StreamFiles::note_left_out(std::uint64_t count) {
  const std::scoped_lock lock(mutex_);
  target().left_out += count;
}

/// Whatever `act` ends with ends all writing: what is remembered and what is written may differ by
/// then.
template <typename Act>
void StreamFiles::or_fail(Act act) {
  try {
    act();
    return;
  } catch (const ConnectorError& error) {
    failure_ = error;
  } catch (const std::bad_alloc&) {
    failure_ = ConnectorError(FailureKind::kSystem, no_memory_for(stream_));
  } catch (const std::exception& error) {
    failure_ = ConnectorError(FailureKind::kSystem, "The files of " + stream_ +
                                                        " cannot be written: " + error.what() +
                                                        ". Correct that, and run it again.");
  }
  throw ConnectorError(*failure_);
}

void StreamFiles::write(const std::string& day, const Lines& lines) {
  RecordFile& file = file_of(day);
  file.append(lines, csv_ ? lines.size() : lines.size() / 2);
  std::uint64_t bytes = 0;
  for (const std::string_view line : lines) bytes += line.size();
  since_mark_ += bytes;
  written_.bytes += bytes;
}

/// The file that the day's records go to.
RecordFile& StreamFiles::file_of(const std::string& day) {
  if (const auto open = files_.find(day); open != files_.end()) return *open->second;
  SavedRecords& records = target();
  const auto last = std::find_if(records.files.rbegin(), records.files.rend(),
                                 [&](const SavedFile& one) { return one.day == day; });
  if (last == records.files.rend() || is_done(*last)) {
    records.files.push_back(next_file(day));
  } else {
    std::rotate(last.base() - 1, last.base(), records.files.end());
  }
  const SavedFile& saved = records.files.back();
  const fs::path path = setting_.layout.records(stream_, saved.name, saved_.successor.has_value());
  make_folder(path.parent_path());
  // Into the map only once it is whole.
  auto file = std::make_shared<RecordFile>(path, saved, setting_.options.compression,
                                           csv_ ? &*csv_ : nullptr);
  return *files_.emplace(day, std::move(file)).first->second;
}

SavedFile StreamFiles::next_file(const std::string& day) const {
  const auto& files = target().files;
  const auto number = 1 + std::count_if(files.begin(), files.end(),
                                        [&](const SavedFile& file) { return file.day == day; });
  std::string name = day.empty() ? stream_ : stream_ + "/day=" + day + "/" + stream_;
  if (setting_.options.rotates() || number > 1) {
    name += fmt::format(".{:0{}}", number, kFileDigits);
  }
  SavedFile file;
  file.name = name + "." + setting_.options.ending();
  file.run = run_;
  file.begun = setting_.clock.now();
  file.day = day;
  return file;
}

/// Whether the next records begin another file.
bool StreamFiles::is_done(const SavedFile& file) const {
  const FileOptions& options = setting_.options;
  if (file.records == 0) return false;
  return (options.rotate_at_bytes > 0 && file.bytes >= options.rotate_at_bytes) ||
         (options.rotate_after > Duration::zero() &&
          setting_.clock.now() - file.begun >= options.rotate_after);
}

/// "2026-11-29"; "unknown" where the record does not say. A time is written with its year first,
/// and in UTC, by every Sentry.
std::string StreamFiles::day_of(std::string_view record) const {
  if (day_key_.empty()) return {};
  const auto when = parse_instant(text_of_value(member_value(record, day_key_)));
  constexpr std::size_t kDay = 10;
  return when ? format_instant(*when).substr(0, kDay) : "unknown";
}

void StreamFiles::mark(nlohmann::ordered_json state) {
  const std::scoped_lock lock(mutex_);
  to_mark_ = std::move(state);
  const std::uint64_t at_bytes = setting_.options.rotate_at_bytes;
  const std::uint64_t enough = at_bytes > 0 ? std::min(at_bytes, kWorthAFrame) : kWorthAFrame;
  const bool is_worthwhile = setting_.options.compression == Compression::kNone ||
                             since_mark_ >= enough || files_.size() > kMostOpen ||
                             setting_.clock.steady_now() - marked_at_ >= kFrameTime;
  if (is_worthwhile) mark_now();
}

/// Once writing has failed the last mark stays.
void StreamFiles::mark_now() {
  if (failure_ || !to_mark_) return;
  or_fail([&] {
    const std::string hashes = memory_.take_new_bytes();
    const std::string_view piece = hashes;
    lines_->append(std::span(&piece, 1));
    for (const auto& [day, file] : files_) {
      const std::uint64_t before = file->saved().bytes;
      file->mark();
      if (file->saved().bytes != before) not_synced_.insert(file);
    }
  });
  SavedRecords& records = target();
  for (const auto& [day, file] : files_) {
    const SavedFile& saved = file->saved();
    *std::find_if(records.files.rbegin(), records.files.rend(),
                  [&](const SavedFile& one) { return one.name == saved.name; }) = saved;
  }
  records.state = *std::exchange(to_mark_, std::nullopt);
  since_mark_ = 0;
  marked_at_ = setting_.clock.steady_now();
  if (files_.size() > kMostOpen) files_.clear();
  std::erase_if(files_, [&](const auto& entry) { return is_done(entry.second->saved()); });
  if (not_synced_.size() > kMostOpen) {
    if (const auto error = sync(std::exchange(not_synced_, {}))) lose(*error);
  }
}

void StreamFiles::end(SavedStream::Status status, nlohmann::ordered_json state) {
  const std::scoped_lock lock(mutex_);
  to_mark_ = std::move(state);
  mark_now();
  if (failure_) cut_off_the_rest();
  saved_.status = failure_ ? SavedStream::Status::kIncomplete : status;
  if (!saved_.successor) return;
  const bool is_better = !old_is_complete_ && saved_.successor->count() >= saved_.records.count();
  saved_.successor_is_due = saved_.status == SavedStream::Status::kComplete || is_better;
}

/// Makes room, at least for the manifest.
void StreamFiles::cut_off_the_rest() {
  try {
    for (const auto& [day, file] : files_) file->cut_to_mark();
    lines_->cut(target().count() * kHashBytes);
  } catch (const ConnectorError&) {
    // The next run does it.
  }
}

void StreamFiles::add_error(std::string message) {
  const std::scoped_lock lock(mutex_);
  saved_.errors.push_back(std::move(message));
}

SavedStream StreamFiles::save() {
  std::unique_lock lock(mutex_);
  if (lost_) throw ConnectorError(*lost_);
  mark_now();
  SavedStream saved = saved_;
  const auto files = std::exchange(not_synced_, {});
  lock.unlock();
  const auto error = sync(files);
  lock.lock();
  if (error) lose(*error);
  return saved;
}

/// Waits until the files are on the disk. Needs no lock.
std::optional<ConnectorError> StreamFiles::sync(const Files& files) {
  if (files.empty()) return std::nullopt;
  try {
    for (const auto& file : files) file->sync();
    lines_->sync();
  } catch (const ConnectorError& error) {
    return error;
  }
  return std::nullopt;
}

void StreamFiles::lose(const ConnectorError& error) {
  lost_ = failure_ = error;
  throw ConnectorError(error);
}

SavedStream StreamFiles::settle() {
  const std::scoped_lock lock(mutex_);
  put_in_place(setting_.layout, stream_, saved_);
  return saved_;
}

void StreamFiles::write_latest() {
  const std::scoped_lock lock(mutex_);
  // A run that was killed, or was not told to, may have written records and no copies of them.
  const std::uint64_t records = saved_.records.count();
  if (key_.empty() || (saved_.latest && saved_.latest_of == records)) return;
  SavedFile latest =
      source_sentry::write_latest(setting_.layout, stream_, saved_, setting_.options, key_);
  latest.run = run_;
  latest.begun = setting_.clock.now();
  saved_.latest = std::move(latest);
  saved_.latest_of = records;
}

std::uint64_t StreamFiles::saved_records() const {
  const std::scoped_lock lock(mutex_);
  return target().count() - records_before_;
}

Written StreamFiles::written() const {
  const std::scoped_lock lock(mutex_);
  return written_;
}

}  // namespace source_sentry
