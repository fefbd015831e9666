// Any packed body, and bodies that zlib packs of any text in any way: Inflater, inflate_beginning
// and parse_codings against zlib itself.

#include <zlib.h>

#include <optional>
#include <string>

#include "http/body/codings.h"
#include "http/body/inflater.h"
#include "property.h"

namespace source_sentry {
namespace {

using Outcome = Inflater::Outcome;

constexpr int kZlib = 15;
constexpr int kGzip = 15 + 16;
constexpr int kRaw = -15;
constexpr std::size_t kLargest = std::size_t{1} << 16;

/// What zlib makes of the first member, and how many bytes of it that takes; nothing if it is
/// broken or larger than allowed.
std::optional<std::string> judged(std::string_view packed, int format, std::size_t& taken) {
  z_stream stream{};
  if (inflateInit2(&stream, format) != Z_OK) return std::nullopt;
  std::string text(kLargest + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const int code = inflate(&stream, Z_FINISH);
  taken = stream.total_in;
  text.resize(stream.total_out);
  inflateEnd(&stream);
  if (code != Z_STREAM_END || text.size() > kLargest) return std::nullopt;
  return text;
}

/// All members.
std::optional<std::string> judged_gzip(std::string_view packed) {
  std::string all;
  while (packed.starts_with("\x1f\x8b")) {
    std::size_t taken = 0;
    const auto text = judged(packed, kGzip, taken);
    if (!text || all.size() + text->size() > kLargest) return std::nullopt;
    all += *text;
    packed.remove_prefix(taken);
  }
  return all;
}

std::string packed_by_zlib(std::string_view text, int format, int level, int strategy) {
  z_stream stream{};
  require(deflateInit2(&stream, level, Z_DEFLATED, format, 8, strategy) == Z_OK, "zlib starts");
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib packs");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i > 0; --i) {
    number = number << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  }
  return number;
}

/// libdeflate takes a few codes that no packer makes and zlib refuses, and does not look at the
/// checksum that a header may have. What it takes has the checksum and the size that are stated.
bool is_vouched_for(std::string_view packed, std::string_view text) {
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  return packed.size() >= 18 && number_at(packed, packed.size() - 8) == sum &&
         number_at(packed, packed.size() - 4) == text.size();
}

void check_any(std::string_view packed) {
  static Inflater inflater;
  static std::string used;  // as it is between pages
  const auto result = inflater.inflate(packed, Coding::kGzip, kLargest, used);
  if (packed.starts_with("\x1f\x8b")) {
    const auto text = judged_gzip(packed);
    if (text) {
      require(result.outcome == Outcome::kWhole, "what zlib unpacks is whole");
      require(used == *text, "it is what zlib makes of it");
    } else {
      require(result.outcome != Outcome::kWhole || is_vouched_for(packed, used),
              "what zlib refuses is broken, or its checksum vouches for it");
    }
  }
  require(result.outcome != Outcome::kWhole || used.size() <= kLargest, "the limit holds");
  require((result.outcome == Outcome::kBroken) == !result.why.empty(), "what is broken says why");

  std::string beginning;
  const bool begins =
      inflate_beginning(packed, Coding::kGzip, 100, beginning).outcome == Outcome::kWhole;
  require(result.outcome != Outcome::kWhole || !begins || used.starts_with(beginning),
          "a beginning is one");
  const auto deflate = inflater.inflate(packed, Coding::kDeflate, kLargest, beginning);
  require(deflate.outcome != Outcome::kWhole || beginning.size() <= kLargest, "the limit holds");
  parse_codings(packed);
}

/// The input's first bytes say how the rest is packed.
void check_packed(std::string_view input) {
  if (input.size() < 3) return;
  const auto how = static_cast<unsigned char>(input[0]);
  const std::string_view text = input.substr(3);
  const int level = how % 10;
  const int strategy = how / 10 % 5;
  const std::size_t cut = text.size() * static_cast<unsigned char>(input[1]) / 255;
  const bool at_once = how / 50 % 2 == 0;
  Inflater inflater;
  std::string body;
  const auto whole = [&](const std::string& packed, Coding coding) {
    const auto result = inflater.inflate(packed, coding, text.size(), body);
    require(result.outcome == Outcome::kWhole && body == text, "what was packed is unpacked");
    const bool fits =
        text.empty() ||
        inflater.inflate(packed, coding, text.size() - 1, body).outcome == Outcome::kTooLarge;
    require(fits, "one byte less is too little");
  };
  std::string gzip = at_once ? packed_by_zlib(text, kGzip, level, strategy)
                             : packed_by_zlib(text.substr(0, cut), kGzip, level, strategy) +
                                   packed_by_zlib(text.substr(cut), kGzip, level, strategy);
  whole(gzip, Coding::kGzip);
  whole(gzip + std::string(3, input[2]), Coding::kGzip);
  whole(packed_by_zlib(text, kZlib, level, strategy), Coding::kDeflate);
  whole(packed_by_zlib(text, kRaw, level, strategy), Coding::kDeflate);

  const std::size_t at = gzip.size() * static_cast<unsigned char>(input[1]) / 256;
  gzip[at] = static_cast<char>(gzip[at] ^ input[2]);
  check_any(gzip);
  check_any(std::string_view(gzip).substr(0, at));
}

}  // namespace

void fuzz(std::string_view input) {
  check_any(input);
  check_packed(input);
}

}  // namespace source_sentry
