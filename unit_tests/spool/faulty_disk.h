#pragma once

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

#include "spool/spool_disk.h"

namespace source_sentry {

/// The machine's disk, which fails when told to, and knows what a power failure would leave: what
/// was synced, and anything of the rest. Safe to use from several threads.
class FaultyDisk final : public SpoolDisk {
 public:
  /// Bytes that there is room for; those in excess of it are not written, with ENOSPC.
  std::atomic<std::uint64_t> room = std::uint64_t{1} << 40;
  std::atomic<int> write_fails = 0;         ///< with this code, if any
  std::atomic<int> sync_fails = 0;          ///< as above
  std::atomic<int> create_fails = 0;        ///< as above
  std::atomic<int> folder_fails = 0;        ///< as above
  std::atomic<int> cut_fails = 0;           ///< as above
  std::atomic<std::size_t> syncs = 0;       ///< of what is written
  std::atomic<std::size_t> file_syncs = 0;  ///< of what was there
  /// Is called in each sync of a file, before it.
  std::function<void()> in_sync = [] {};

  std::unique_ptr<SpoolFile> create(const std::filesystem::path& path, int& code) override {
    code = create_fails;
    auto file = code == 0 ? system_disk().create(path, code) : nullptr;
    if (!file) return nullptr;
    const std::scoped_lock lock(mutex_);
    synced_[path] = 0;
    unnamed_.insert(path);
    return std::make_unique<File>(*this, std::move(file), path);
  }

  int sync_file(const std::filesystem::path& path) override {
    ++file_syncs;
    return sync_fails != 0 ? sync_fails.load() : system_disk().sync_file(path);
  }

  int sync_folder(const std::filesystem::path&) override {
    const std::scoped_lock lock(mutex_);
    if (folder_fails == 0) unnamed_.clear();
    return folder_fails;
  }

  int remove(const std::filesystem::path& path) override { return system_disk().remove(path); }

  /// Leaves what was synced. Of the rest there is some, or none, or zeros in its place, as the dice
  /// say. Nothing may be open any longer.
  void cut_power(std::mt19937& dice) {
    const std::scoped_lock lock(mutex_);
    for (const auto& [path, synced] : synced_) {
      if (!std::filesystem::exists(path)) continue;
      if (unnamed_.contains(path) && dice() % 2 == 0) {
        std::filesystem::remove(path);
        continue;
      }
      const std::uint64_t size = std::filesystem::file_size(path);
      const std::uint64_t rest = size - std::min(size, synced);
      const std::uint64_t left = synced + (rest == 0 ? 0 : dice() % (rest + 1));
      std::filesystem::resize_file(path, left);
      if (left > synced && dice() % 2 == 0) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(synced + dice() % (left - synced)));
        file << std::string(static_cast<std::size_t>(dice() % 64), '\0');
      }
    }
    synced_.clear();
    unnamed_.clear();
  }

 private:
  class File final : public SpoolFile {
   public:
    File(FaultyDisk& disk, std::unique_ptr<SpoolFile> file, std::filesystem::path path)
        : disk_(disk), file_(std::move(file)), path_(std::move(path)) {}

    Written append(std::string_view bytes) override {
      if (disk_.write_fails != 0) {
        // As a disk does that fails in the middle of something.
        const Written half = file_->append(bytes.substr(0, bytes.size() / 2));
        written_ += half.bytes;
        return {half.bytes, disk_.write_fails};
      }
      const std::string_view fits = bytes.substr(0, disk_.room);
      if (fits.empty()) return {0, ENOSPC};
      const Written written = file_->append(fits);
      disk_.room -= written.bytes;
      written_ += written.bytes;
      return written;
    }

    int cut(std::uint64_t length) override {
      if (disk_.cut_fails != 0) return disk_.cut_fails;
      disk_.room += written_ - length;
      written_ = length;
      return file_->cut(length);
    }

    int sync() override {
      disk_.in_sync();
      ++disk_.syncs;
      if (disk_.sync_fails != 0) return disk_.sync_fails;
      const std::scoped_lock lock(disk_.mutex_);
      disk_.synced_[path_] = written_;
      return 0;
    }

   private:
    FaultyDisk& disk_;
    std::unique_ptr<SpoolFile> file_;
    std::filesystem::path path_;
    std::uint64_t written_ = 0;
  };

  std::mutex mutex_;
  std::map<std::filesystem::path, std::uint64_t> synced_;  // bytes
  std::set<std::filesystem::path> unnamed_;                // whose names are not on the disk
};

}  // namespace source_sentry
