#include "files/folder.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "files/append_file.h"
#include "files/disk.h"

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

/// How long a run goes on before what it has read since is saved, at least, and as a multiple of
/// what saving took last time, which depends on the disk and the number of projects.
constexpr Duration kShortestPause = std::chrono::milliseconds(100);
constexpr int kPauseForCost = 19;
constexpr std::size_t kRunsKept = 20;

/// For people: "the organization \"acme\" at sentry.io".
std::string whose(const nlohmann::json& of) {
  std::string text =
      "the organization \"" + of.value("organization", "") + "\" at " + of.value("host", "");
  if (of.contains("shard")) text += ", shard " + of.value("shard", "");
  return text;
}

/// Whether a folder is named as a shard's: "shard-3-of-8".
bool is_of_shard(std::string_view name) {
  for (const std::string_view word : {"shard-", "-of-"}) {
    if (!name.starts_with(word)) return false;
    name.remove_prefix(word.size());
    const std::size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
    if (digits == 0) return false;
    name.remove_prefix(digits);
  }
  return name.empty();
}

/// For people: "--format csv --compress none --partition-by day".
std::string how(const nlohmann::json& written) {
  return "--format " + written.value("format", "") + " --compress " +
         written.value("compression", "") + " --partition-by " + written.value("partition_by", "");
}

}  // namespace

/// A stream's way into its files.
class Folder::Sink final : public StreamSink {
 public:
  Sink(Folder& folder, std::string stream)
      : folder_(folder), stream_(std::move(stream)), files_(*folder.streams_.at(stream_)) {}

  const std::string& stream() const override { return stream_; }
  Clock& clock() const override { return folder_.setting_.clock; }
  std::string head() const override { return {}; }
  std::string tail() const override { return "\n"; }

  void started() override {}
  void records(std::span<const std::string_view> pieces, std::uint64_t /*count*/) override {
    files_.append(pieces);
  }
  void left_out(std::uint64_t count) override { files_.note_left_out(count); }
  void state(nlohmann::ordered_json state) override {
    files_.mark(std::move(state));
    folder_.save_if_due();
  }
  void rate_limited(Instant /*until*/) override {}
  void running_again() override {}
  /// Called from time to time: what came just after the last save is saved, too.
  void beat_if_silent(Duration /*span*/) override { folder_.save_if_due(); }

  void error(const ConnectorError& error) override {
    files_.add_error(folder_.listener_.without_secrets(error.message()));
    folder_.listener_.error(error, stream_);
  }

  void complete(nlohmann::ordered_json state) override {
    files_.end(SavedStream::Status::kComplete, std::move(state));
    folder_.save_if_due();
  }
  void incomplete(nlohmann::ordered_json state) override {
    files_.end(SavedStream::Status::kIncomplete, std::move(state));
    folder_.save_if_due();
  }

  Written written() const override { return files_.written(); }

 private:
  Folder& folder_;
  const std::string stream_;
  StreamFiles& files_;
};

Folder::Folder(fs::path path, nlohmann::json of, const FileOptions& options, Clock& clock,
               Listener listener)
    : setting_{{std::move(path)}, options, clock}, listener_(std::move(listener)) {
  make_folder(layout().folder);
  make_folder(layout().ours());
  hold();
  load(of);
  manifest_.of = std::move(of);
  manifest_.written = setting_.options.lasting();
  const std::uint64_t number = manifest_.runs.empty() ? 1 : run().number + 1;
  manifest_.runs.push_back({number, setting_.clock.now(), std::nullopt, false, {}});
  if (manifest_.runs.size() > kRunsKept) manifest_.runs.erase(manifest_.runs.begin());
}

Folder::~Folder() = default;

/// Two runs at a time would tear each other's lines.
void Folder::hold() {
  const std::string path = layout().lock().string();
  lock_ = Descriptor(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kForAll));
  if (!lock_.is_open()) refuse_path(path, "opened", errno);
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) {
    const std::string process = std::to_string(getpid());
    // Only for the message of another run.
    if (ftruncate(lock_.get(), 0) != 0 ||
        ::write(lock_.get(), process.data(), process.size()) < 0) {
      spdlog::debug("{} cannot be written.", path);
    }
    return;
  }
  if (errno != EWOULDBLOCK) {
    spdlog::warn(
        "The file system of {} has no locks: make sure that no other run writes to the folder.",
        layout().folder.string());
    return;
  }
  std::string reason;
  const std::string holder = read_file(path, reason).value_or("");
  throw ConnectorError(FailureKind::kConfig,
                       "Another run" + (holder.empty() ? "" : " (process " + holder + ")") +
                           " writes to the folder " + layout().folder.string() +
                           ". Wait until it has ended, or name another folder.");
}

void Folder::load(const nlohmann::json& of) {
  manifest_ = read_manifest(layout().folder);
  if (manifest_.of.is_null()) return;
  refuse_other_owner(manifest_, of, layout().folder);
  if (const nlohmann::json lasting = setting_.options.lasting(); manifest_.written != lasting) {
    throw ConnectorError(FailureKind::kConfig, "The folder " + layout().folder.string() +
                                                   " is written with " + how(manifest_.written) +
                                                   ", not with " + how(lasting) +
                                                   ". Use the same, or name another folder.");
  }
  bool settled = false;
  for (auto& [name, stream] : manifest_.streams) {
    settled = put_in_place(layout(), name, stream) || settled;
  }
  // Before anything else is written where the successors were.
  if (settled) write();
}

nlohmann::json Folder::begin(const std::string& stream, const FileMode& mode) {
  std::optional<SavedStream> saved;
  if (const auto known = manifest_.streams.find(stream); known != manifest_.streams.end()) {
    saved = known->second;
  }
  auto files = std::make_unique<StreamFiles>(setting_, stream, saved, mode, run().number);
  const nlohmann::json state = files->state();
  streams_[stream] = std::move(files);
  return state;
}

OpenSink Folder::sinks() {
  // What is there belongs to this folder from now on, whatever happens.
  save();
  return [this](const std::string& stream, const nlohmann::ordered_json& /*state*/) {
    return std::make_unique<Sink>(*this, stream);
  };
}

void Folder::save_if_due() {
  {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock || setting_.clock.steady_now() < next_save_) return;
  }
  save();
}

void Folder::save() {
  const std::scoped_lock lock(mutex_);
  const Instant begun = setting_.clock.steady_now();
  for (const auto& [name, files] : streams_) {
    manifest_.streams[name] = files->save();
    run().records[name] = files->saved_records();
  }
  write();
  bool settled = false;
  for (const auto& [name, files] : streams_) {
    if (!manifest_.streams[name].successor_is_due) continue;
    manifest_.streams[name] = files->settle();
    settled = true;
  }
  if (settled) write();
  const Instant done = setting_.clock.steady_now();
  next_save_ = done + std::max(kShortestPause, (done - begun) * kPauseForCost);
}

void Folder::write() const {
  constexpr int kIndent = 1;
  // An error may name a path, which may hold any bytes.
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  replace_file(layout().manifest(), manifest_.to_json().dump(kIndent, ' ', false, kReplace) + "\n");
}

void Folder::finish(bool complete) {
  if (setting_.options.dedupe) {
    save();  // the newest copies are taken from what is saved
    for (const auto& [name, files] : streams_) files->write_latest();
  }
  {
    const std::scoped_lock lock(mutex_);
    run().ended = setting_.clock.now();
    run().complete = complete;
  }
  save();
}

void refuse_other_owner(const Manifest& manifest, const nlohmann::json& of,
                        const fs::path& folder) {
  if (manifest.of.is_null() || manifest.of == of) return;
  throw ConnectorError(FailureKind::kConfig,
                       "The folder " + folder.string() + " holds the records of " +
                           whose(manifest.of) + ", not of " + whose(of) + ". Name another folder.");
}

fs::path folder_of_shard(const fs::path& folder, std::size_t index, std::size_t count) {
  const std::string end = "-of-" + std::to_string(count);
  constexpr std::string_view kBegin = "shard-";
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename();
    if (!is_of_shard(name)) continue;
    if (count > 1 && name.ends_with(end)) continue;
    throw ConnectorError(FailureKind::kConfig,
                         "The folder " + folder.string() + " holds " + name +
                             ", which belongs to another number of shards. Name another folder, or "
                             "set shard as it was.");
  }
  if (count <= 1) return folder;
  if (fs::exists(Layout{folder}.manifest(), none)) {
    throw ConnectorError(FailureKind::kConfig,
                         "The folder " + folder.string() +
                             " holds the records of a run without shards. Name another folder.");
  }
  return folder / (std::string(kBegin) + std::to_string(index) + end);
}

}  // namespace source_sentry
