#include "files/stream_files.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <fstream>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>

#include "files/latest.h"
#include "json/members.h"

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kHashBytes = 8;
/// More files at a time would come near to what a process may have open.
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

/// No file is taken over that nothing of ours has written.
void refuse_foreign(const fs::path& path) {
  std::error_code none;
  if (!fs::exists(path, none) || fs::is_empty(path, none)) return;
  throw ConnectorError(FailureKind::kConfig,
                       "There is " + path.string() +
                           " already, which no run of source-sentry has written. Move it away, or "
                           "name another folder.");
}

}  // namespace

StreamFiles::StreamFiles(const FileSetting& setting, std::string stream,
                         const std::optional<SavedStream>& saved, const FileMode& mode,
                         std::uint64_t run)
    : setting_(setting),
      stream_(std::move(stream)),
      run_(run),
      key_(mode.full_refresh ? std::vector<std::string>() : mode.key),
      day_key_(setting.options.by_day ? mode.cursor_key : ""),
      saved_(saved.value_or(SavedStream())),
      old_is_complete_(saved_.status == SavedStream::Status::kComplete),
      marked_at_(setting.clock.steady_now()) {
  choose_target(mode);
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
    return mode.full_refresh && records.state.is_object() && mode.resumes &&
           mode.resumes(records.state);
  };
  if (saved_.successor && can_resume(*saved_.successor)) return;
  fs::remove_all(setting_.layout.next(stream_));
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
    saved_.full_refresh = true;
  }
}

void StreamFiles::open(bool is_known) {
  const bool of_next = saved_.successor.has_value();
  const Layout& layout = setting_.layout;
  if (of_next) fs::create_directories(layout.next(stream_));
  if (!is_known)
    refuse_foreign(day_key_.empty() ? layout.folder / next_file("").name : layout.folder / stream_);
  SavedRecords& records = target();
  records_before_ = records.count();
  for (const SavedFile& file : records.files) {
    // Torn ends go, also of files that get no more records. One without any may not be there yet.
    const fs::path path = layout.records(stream_, file.name, of_next);
    fs::create_directories(path.parent_path());
    AppendFile(path, file.bytes);
  }
  const fs::path lines = layout.lines(stream_, of_next);
  lines_ = std::make_unique<AppendFile>(lines, records_before_ * kHashBytes);
  memory_ = LineMemory(beginning_of(lines, lines_->size()));
  if (day_key_.empty()) file_of("");  // an empty stream has an empty file
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
    for (std::size_t i = 1; i < pieces.size(); i += 2) {
      const std::string_view record = pieces[i];
      if (!memory_.is_new(record)) continue;
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
  });
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
  for (const std::string_view line : lines) since_mark_ += line.size();
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
  fs::create_directories(path.parent_path());
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
    constexpr std::size_t kDigits = 4;
    const std::string digits = std::to_string(number);
    name += "." + std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
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
                             since_mark_ >= enough ||
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
  bytes_ += std::exchange(since_mark_, 0);
  marked_at_ = setting_.clock.steady_now();
  if (files_.size() > kMostOpen) files_.clear();
  std::erase_if(files_, [&](const auto& entry) { return is_done(entry.second->saved()); });
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
  if (files.empty()) return saved;
  try {
    for (const auto& file : files) file->sync();
    lines_->sync();
  } catch (const ConnectorError& error) {
    lock.lock();
    lost_ = failure_ = error;
    throw;
  }
  return saved;
}

SavedStream StreamFiles::settle() {
  const std::scoped_lock lock(mutex_);
  put_in_place(setting_.layout, stream_, saved_);
  return saved_;
}

void StreamFiles::write_latest() {
  if (key_.empty() || (written() == 0 && saved_.latest)) return;
  const std::scoped_lock lock(mutex_);
  SavedFile latest =
      source_sentry::write_latest(setting_.layout, stream_, saved_, setting_.options, key_);
  latest.run = run_;
  latest.begun = setting_.clock.now();
  saved_.latest = std::move(latest);
}

std::uint64_t StreamFiles::written() const {
  const std::scoped_lock lock(mutex_);
  return target().count() - records_before_;
}

std::uint64_t StreamFiles::total_bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_ + since_mark_;
}

void put_in_place(const Layout& layout, const std::string& stream, SavedStream& saved) {
  if (!saved.successor || !saved.successor_is_due) return;
  const auto move_over = [](const fs::path& from, const fs::path& to) {
    // Where it is gone, a run that was killed has moved it.
    if (!fs::exists(from)) return;
    fs::create_directories(to.parent_path());
    move_file(from, to);
  };
  const std::vector<SavedFile>& files = saved.successor->files;
  for (const SavedFile& old : saved.records.files) {
    const auto has_same_name = [&](const SavedFile& file) { return file.name == old.name; };
    if (std::none_of(files.begin(), files.end(), has_same_name)) {
      fs::remove(layout.records(stream, old.name, false));
    }
  }
  for (const SavedFile& file : files) {
    move_over(layout.records(stream, file.name, true), layout.records(stream, file.name, false));
  }
  move_over(layout.lines(stream, true), layout.lines(stream, false));
  fs::remove_all(layout.next(stream));
  saved.records = *std::exchange(saved.successor, std::nullopt);
  saved.successor_is_due = false;
  saved.full_refresh = true;
}

}  // namespace source_sentry
