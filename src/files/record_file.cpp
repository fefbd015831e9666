#include "files/record_file.h"

#include <utility>

namespace source_sentry {

RecordFile::RecordFile(const std::filesystem::path& path, SavedFile saved, Compression compression,
                       const Csv* csv)
    : file_(path, saved.bytes),
      saved_(std::move(saved)),
      packer_(make_packer(compression)),
      records_(saved_.records) {
  if (csv != nullptr && saved_.bytes == 0) header_ = csv->header();
}

void RecordFile::append(std::span<const std::string_view> lines, std::uint64_t records) {
  write_header();
  write(lines);
  records_ += records;
}

void RecordFile::write_header() {
  if (header_.empty()) return;
  const std::string_view line = header_;
  write(std::span(&line, 1));
  header_.clear();
}

void RecordFile::write(std::span<const std::string_view> lines) {
  if (packer_) {
    std::string packed;
    for (const std::string_view line : lines) packer_->pack(line, packed);
    const std::string_view piece = packed;
    file_.append(std::span(&piece, 1));
  } else {
    file_.append(lines);
  }
}

void RecordFile::mark() {
  write_header();
  if (packer_) {
    std::string end;
    packer_->end_frame(end);
    const std::string_view piece = end;
    file_.append(std::span(&piece, 1));
  }
  saved_.bytes = file_.size();
  saved_.records = records_;
}

}  // namespace source_sentry
