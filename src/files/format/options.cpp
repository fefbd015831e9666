#include "files/format/options.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace source_sentry {
namespace {

constexpr std::array kFormats = {std::pair(FileFormat::kJsonLines, "jsonl"),
                                 std::pair(FileFormat::kCsv, "csv")};
constexpr std::array kCompressions = {std::pair(Compression::kNone, "none"),
                                      std::pair(Compression::kGzip, "gzip"),
                                      std::pair(Compression::kZstd, "zstd")};

template <typename Table, typename Value>
std::string name_in(const Table& table, Value value) {
  for (const auto& [one, name] : table) {
    if (one == value) return name;
  }
  return {};
}

template <typename Value, typename Table>
std::optional<Value> value_in(const Table& table, const std::string& name) {
  for (const auto& [value, one] : table) {
    if (name == one) return value;
  }
  return std::nullopt;
}

constexpr std::uint64_t kKilo = 1000;
constexpr std::uint64_t kKibi = 1024;
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 7> kSizes = {
    {{"b", 1},
     {"kb", kKilo},
     {"mb", kKilo* kKilo},
     {"gb", kKilo* kKilo* kKilo},
     {"kib", kKibi},
     {"mib", kKibi* kKibi},
     {"gib", kKibi* kKibi* kKibi}}};
constexpr std::array<std::pair<std::string_view, std::chrono::seconds>, 3> kTimes = {
    {{"m", std::chrono::minutes(1)}, {"h", std::chrono::hours(1)}, {"d", std::chrono::days(1)}}};

}  // namespace

std::string FileOptions::ending() const {
  const std::string end = compression == Compression::kGzip   ? ".gz"
                          : compression == Compression::kZstd ? ".zst"
                                                              : "";
  return name_in(kFormats, format) + end;
}

nlohmann::ordered_json FileOptions::lasting() const {
  return {{"format", name_in(kFormats, format)},
          {"compression", name_in(kCompressions, compression)},
          {"partition_by", by_day ? "day" : "nothing"}};
}

std::optional<FileFormat> parse_format(const std::string& text) {
  return value_in<FileFormat>(kFormats, text);
}

std::optional<Compression> parse_compression(const std::string& text) {
  return value_in<Compression>(kCompressions, text);
}

bool parse_rotation(const std::string& text, FileOptions& options) {
  if (const auto span = parse_duration(text); span && *span > Duration::zero()) {
    options.rotate_after = *span;
    return true;
  }
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, number);
  constexpr std::uint64_t kMost = 1'000'000;  // no product of it is too large
  if (error != std::errc() || number == 0 || number > kMost) return false;
  const std::string_view written = trim({behind, static_cast<std::size_t>(end - behind)});
  if (written == "M") return false;  // megabytes to some, and minutes only in small letters
  const std::string unit = lower(written);
  for (const auto& [name, bytes] : kSizes) {
    if (unit != name) continue;
    options.rotate_at_bytes = number * bytes;
    return true;
  }
  for (const auto& [name, span] : kTimes) {
    if (unit != name) continue;
    options.rotate_after = span * static_cast<long>(number);
    return true;
  }
  return false;
}

}  // namespace source_sentry
