#include "engine/state/known_rows.h"

#include <charconv>
#include <tuple>

#include "base/base64.h"

namespace source_sentry {
namespace {

constexpr std::uint64_t kListed = 1;

void append_varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80U; value >>= 7U) out += static_cast<char>(value | 0x80U);
  out += static_cast<char>(value);
}

void append_fingerprint(std::uint64_t value, std::size_t bytes, std::string& out) {
  for (std::size_t i = 0; i < bytes; ++i) {
    out += static_cast<char>(value >> (8 * i) & 0xFFU);
  }
}

}  // namespace

/// Reads what `text` wrote; each function gives nothing where the bytes end too early.
class KnownRows::Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) return std::nullopt;
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80U) return value;
    }
    return std::nullopt;
  }

  std::optional<std::string_view> text(std::uint64_t size) {
    if (size > bytes_.size()) return std::nullopt;
    const std::string_view found = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return found;
  }

  std::optional<std::uint64_t> fingerprint(Width width) {
    const auto found = text(static_cast<std::size_t>(width));
    if (!found) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < found->size(); ++i) {
      value |= std::uint64_t{static_cast<unsigned char>((*found)[i])} << (8 * i);
    }
    return value;
  }

 private:
  std::string_view bytes_;
};

KnownRows::Id::Id(std::string_view id) {
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  is_number = error == std::errc() && end == id.data() + id.size() && std::to_string(number) == id;
  if (is_number) return;
  number = 0;
  text = id;
}

bool KnownRows::Id::operator<(const Id& other) const {
  return std::tie(other.is_number, number, text) < std::tie(is_number, other.number, other.text);
}

std::uint64_t KnownRows::kept_of(std::uint64_t fingerprint) const {
  return (width_ == Width::kWhole ? fingerprint : fingerprint & 0xFFFF'FFFFU) | kListed;
}

bool KnownRows::knows(std::string_view id, std::uint64_t fingerprint) const {
  const auto found = rows_.find(Id(id));
  return found != rows_.end() && (found->second | kListed) == kept_of(fingerprint);
}

void KnownRows::remember(std::string_view id, std::uint64_t fingerprint) {
  if (!id.empty()) rows_.insert_or_assign(Id(id), kept_of(fingerprint));
}

void KnownRows::mark_listed(std::string_view id) {
  const auto found = rows_.find(Id(id));
  if (found != rows_.end()) found->second |= kListed;
}

void KnownRows::forget(std::string_view id) { rows_.erase(Id(id)); }

void KnownRows::begin_listing() {
  for (auto& [id, fingerprint] : rows_) fingerprint &= ~kListed;
}

std::vector<std::string> KnownRows::unlisted() const {
  std::vector<std::string> found;
  for (const auto& [id, fingerprint] : rows_) {
    if ((fingerprint & kListed) == 0) found.push_back(id.as_text());
  }
  return found;
}

std::optional<std::string> KnownRows::any_listed() const {
  for (const auto& [id, fingerprint] : rows_) {
    if ((fingerprint & kListed) != 0) return id.as_text();
  }
  return std::nullopt;
}

void KnownRows::forget_unlisted() {
  std::erase_if(rows_, [](const auto& row) { return (row.second & kListed) == 0; });
}

std::string KnownRows::text() const {
  std::uint64_t numbers = 0;
  for (const auto& [id, fingerprint] : rows_) numbers += id.is_number ? 1 : 0;
  std::string bytes;
  append_varint(numbers, bytes);
  append_varint(rows_.size() - numbers, bytes);
  std::uint64_t before = 0;
  for (const auto& [id, fingerprint] : rows_) {
    if (id.is_number) {
      append_varint(id.number - before, bytes);
      before = id.number;
    } else {
      append_varint(id.text.size(), bytes);
      bytes += id.text;
    }
    append_fingerprint(fingerprint, static_cast<std::size_t>(width_), bytes);
  }
  return base64_encode(bytes);
}

std::optional<KnownRows> KnownRows::parse(std::string_view text, Width width) {
  const auto bytes = base64_decode(text);
  if (!bytes) return std::nullopt;
  Reader reader(*bytes);
  KnownRows known(width);
  const auto numbers = reader.varint();
  const auto others = reader.varint();
  if (!numbers || !others) return std::nullopt;
  std::uint64_t number = 0;
  for (std::uint64_t i = 0; i < *numbers; ++i) {
    const auto step = reader.varint();
    const auto fingerprint = reader.fingerprint(width);
    if (!step || !fingerprint) return std::nullopt;
    number += *step;
    known.rows_.insert_or_assign(Id(number), *fingerprint);
  }
  for (std::uint64_t i = 0; i < *others; ++i) {
    const auto size = reader.varint();
    const auto id = size ? reader.text(*size) : std::nullopt;
    const auto fingerprint = reader.fingerprint(width);
    if (!id || !fingerprint) return std::nullopt;
    known.rows_.insert_or_assign(Id(*id), *fingerprint);
  }
  // Whatever else may be wrong with it, it is not in the form that `text` writes.
  if (known.text() != text) return std::nullopt;
  return known;
}

}  // namespace source_sentry
