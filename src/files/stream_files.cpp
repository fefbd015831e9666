#include "files/stream_files.h"

#include <algorithm>
#include <fstream>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kHashBytes = 8;

std::string beginning_of(const fs::path& path, std::uint64_t bytes) {
  std::string text(bytes, '\0');
  std::ifstream(path, std::ios::binary).read(text.data(), static_cast<std::streamsize>(bytes));
  return text;
}

/// No file is taken over that nothing of ours has written.
void refuse_foreign(const fs::path& path) {
  std::error_code none;
  if (const auto size = fs::file_size(path, none); none || size == 0) return;
  throw ConnectorError(FailureKind::kConfig,
                       "There is a file " + path.string() +
                           " already, which no run of source-sentry has written. Move it away, or "
                           "name another folder.");
}

}  // namespace

StreamFiles::StreamFiles(Layout layout, std::string stream, SavedStream saved, const FileMode& mode,
                         std::uint64_t run)
    : layout_(std::move(layout)),
      stream_(std::move(stream)),
      run_(run),
      saved_(std::move(saved)),
      old_is_complete_(saved_.status == SavedStream::Status::kComplete) {
  choose_target(mode);
  saved_.status = SavedStream::Status::kRunning;
  saved_.errors.clear();
  open();
}

/// Whether it appends, replaces in the end, or begins in place.
void StreamFiles::choose_target(const FileMode& mode) {
  if (!mode.full_refresh) {
    saved_.successor.reset();
    saved_.full_refresh = false;
    return;
  }
  const auto can_resume = [&](const SavedRecords& records) {
    return records.state.is_object() && mode.resumes && mode.resumes(records.state);
  };
  if (saved_.successor) {
    if (!can_resume(*saved_.successor)) saved_.successor = SavedRecords();
    return;
  }
  const bool in_the_middle = saved_.full_refresh && !old_is_complete_ && can_resume(saved_.records);
  if (in_the_middle) return;
  if (saved_.records.count() > 0) {
    saved_.successor = SavedRecords();
  } else {
    saved_.records.state = nullptr;
    saved_.full_refresh = true;
  }
}

void StreamFiles::open() {
  SavedRecords& records = target();
  const bool of_next = saved_.successor.has_value();
  const bool is_first = records.files.empty();
  if (is_first) records.files.push_back({stream_ + ".jsonl", 0, 0, run_});
  const SavedFile& last = records.files.back();
  records_ = last.records;
  records_before_ = records.count();
  const fs::path path = layout_.records(last.name, of_next);
  if (is_first && !of_next) refuse_foreign(path);
  const fs::path lines = layout_.lines(stream_, of_next);
  lines_ = std::make_shared<AppendFile>(lines, records_before_ * kHashBytes);
  file_ = std::make_shared<AppendFile>(path, last.bytes);
  memory_ = LineMemory(beginning_of(lines, lines_->size()));
}

nlohmann::json StreamFiles::state() const {
  const std::scoped_lock lock(mutex_);
  return target().state;
}

void StreamFiles::append(std::span<const std::string_view> pieces) {
  const std::scoped_lock lock(mutex_);
  if (failure_) throw ConnectorError(*failure_);
  try {
    std::vector<std::string_view> lines;
    lines.reserve(pieces.size());
    std::uint64_t bytes = 0;
    for (std::size_t i = 1; i < pieces.size(); i += 2) {
      const std::string_view record = pieces[i];
      if (!memory_.is_new(record)) {
        ++again_;
        continue;
      }
      lines.push_back(record);
      lines.emplace_back("\n");
      bytes += record.size() + 1;
    }
    file_->append(lines);
    records_ += lines.size() / 2;
    bytes_ += bytes;
  } catch (const ConnectorError& error) {
    failure_ = error;
    throw;
  } catch (const std::bad_alloc&) {
    failure_ = ConnectorError(FailureKind::kSystem, no_memory_for(stream_));
    throw;
  }
}

void StreamFiles::mark(nlohmann::ordered_json state) {
  const std::scoped_lock lock(mutex_);
  mark_locked(std::move(state));
}

/// Once writing has failed the last mark stays.
void StreamFiles::mark_locked(nlohmann::ordered_json state) {
  if (failure_) return;
  try {
    const std::string hashes = memory_.take_new_bytes();
    const std::string_view piece = hashes;
    lines_->append(std::span(&piece, 1));
  } catch (const ConnectorError& error) {
    failure_ = error;
    throw;
  }
  SavedRecords& records = target();
  records.state = std::move(state);
  records.files.back().bytes = file_->size();
  records.files.back().records = records_;
}

void StreamFiles::end(SavedStream::Status status, nlohmann::ordered_json state) {
  const std::scoped_lock lock(mutex_);
  mark_locked(std::move(state));
  if (failure_) cut_off_the_rest();
  saved_.status = failure_ ? SavedStream::Status::kIncomplete : status;
  if (!saved_.successor) return;
  const bool is_better = !old_is_complete_ && saved_.successor->count() >= saved_.records.count();
  saved_.successor_is_due = saved_.status == SavedStream::Status::kComplete || is_better;
}

/// Makes room, at least for the manifest.
void StreamFiles::cut_off_the_rest() {
  try {
    file_->cut(target().files.back().bytes);
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
  SavedStream saved = saved_;
  const auto file = file_;
  const auto lines = lines_;
  lock.unlock();
  file->sync();
  lines->sync();
  return saved;
}

SavedStream StreamFiles::settle() {
  const std::scoped_lock lock(mutex_);
  put_in_place(layout_, stream_, saved_);
  return saved_;
}

std::uint64_t StreamFiles::written() const {
  const std::scoped_lock lock(mutex_);
  return target().count() - records_before_;
}

std::uint64_t StreamFiles::total_bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_;
}

std::uint64_t StreamFiles::known_already() const {
  const std::scoped_lock lock(mutex_);
  return again_;
}

void put_in_place(const Layout& layout, const std::string& stream, SavedStream& saved) {
  if (!saved.successor || !saved.successor_is_due) return;
  const auto move_over = [](const fs::path& from, const fs::path& to) {
    // Where it is gone, a run that was killed has moved it.
    if (fs::exists(from)) move_file(from, to);
  };
  const std::vector<SavedFile>& files = saved.successor->files;
  for (const SavedFile& old : saved.records.files) {
    const auto has_same_name = [&](const SavedFile& file) { return file.name == old.name; };
    if (std::none_of(files.begin(), files.end(), has_same_name)) {
      fs::remove(layout.records(old.name, false));
    }
  }
  for (const SavedFile& file : files) {
    move_over(layout.records(file.name, true), layout.records(file.name, false));
  }
  move_over(layout.lines(stream, true), layout.lines(stream, false));
  saved.records = *std::exchange(saved.successor, std::nullopt);
  saved.successor_is_due = false;
  saved.full_refresh = true;
}

}  // namespace source_sentry
