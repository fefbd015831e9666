#include "files/record_reader.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "base/error.h"
#include "files/format/packer.h"

namespace source_sentry {
namespace {

/// Cuts text into records: at line ends that are not within quotes, where quotes count.
class Cutter {
 public:
  explicit Cutter(bool quotes) : quotes_(quotes) {}

  void add(std::string_view text) { text_ += text; }

  /// Gives what is whole by now.
  void give(const std::function<void(std::string_view)>& take) {
    std::size_t begin = 0;
    for (; looked_at_ < text_.size(); ++looked_at_) {
      const char c = text_[looked_at_];
      if (quotes_ && c == '"') in_quotes_ = !in_quotes_;
      if (c != '\n' || in_quotes_) continue;
      take(std::string_view(text_).substr(begin, looked_at_ + 1 - begin));
      begin = looked_at_ + 1;
    }
    text_.erase(0, begin);
    looked_at_ -= begin;
  }

 private:
  const bool quotes_;
  bool in_quotes_ = false;
  std::string text_;
  std::size_t looked_at_ = 0;
};

}  // namespace

void read_records(const std::filesystem::path& path, const SavedFile& saved,
                  const FileOptions& options,
                  const std::function<void(std::string_view record)>& take) {
  std::ifstream file(path, std::ios::binary);
  const bool is_csv = options.format == FileFormat::kCsv;
  const auto unpacker = make_unpacker(options.compression);
  Cutter cutter(is_csv);
  bool in_header = is_csv;
  constexpr std::size_t kPiece = 1 << 18;
  std::string piece(kPiece, '\0');
  std::string unpacked;
  for (std::uint64_t left = saved.bytes; left > 0;) {
    const auto wanted = std::min<std::uint64_t>(left, kPiece);
    if (!file.read(piece.data(), static_cast<std::streamsize>(wanted))) {
      throw ConnectorError(FailureKind::kSystem, "The file " + path.string() +
                                                     " cannot be read. Put it back as it was, or "
                                                     "begin again in another folder.");
    }
    left -= wanted;
    const std::string_view read(piece.data(), wanted);
    if (unpacker) {
      unpacked.clear();
      unpacker->unpack(read, unpacked);
    }
    cutter.add(unpacker ? std::string_view(unpacked) : read);
    cutter.give([&](std::string_view record) {
      if (!std::exchange(in_header, false)) take(record);
    });
  }
}

}  // namespace source_sentry
