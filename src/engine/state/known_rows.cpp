#include "engine/state/known_rows.h"

#include <algorithm>
#include <charconv>
#include <utility>

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

/// The number that an id is, in the only way to write it.
std::optional<std::uint64_t> number_in(std::string_view id) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool is_number = error == std::errc() && end == id.data() + id.size();
  if (!is_number || (id.size() > 1 && id.front() == '0')) return std::nullopt;
  return number;
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

std::uint64_t KnownRows::kept_of(std::uint64_t fingerprint) const {
  return (width_ == Width::kWhole ? fingerprint : fingerprint & 0xFFFF'FFFFU) | kListed;
}

const KnownRows::Rows& KnownRows::rows() const {
  static const Rows kNone;
  return rows_ ? *rows_ : kNone;
}

/// The rows to be changed: no copy of this has them, too.
KnownRows::Rows& KnownRows::own() {
  if (!rows_ || rows_.use_count() > 1) rows_ = std::make_shared<Rows>(rows());
  return *rows_;
}

const std::uint64_t* KnownRows::find(std::string_view id) const {
  if (const auto number = number_in(id)) {
    const auto found = rows().numbers.find(*number);
    return found == rows().numbers.end() ? nullptr : &found->second;
  }
  const auto found = rows().texts.find(id);
  return found == rows().texts.end() ? nullptr : &found->second;
}

/// Calls `take` with each id and its fingerprint, numbers first, in ascending order.
template <typename Take>
void KnownRows::each(const Take& take) const {
  for (const auto& [number, fingerprint] : rows().numbers)
    take(std::to_string(number), fingerprint);
  for (const auto& [id, fingerprint] : rows().texts) take(id, fingerprint);
}

bool KnownRows::knows(std::string_view id, std::uint64_t fingerprint) const {
  const std::uint64_t* found = find(id);
  return found != nullptr && (*found | kListed) == kept_of(fingerprint);
}

void KnownRows::remember(std::string_view id, std::uint64_t fingerprint) {
  if (id.empty()) return;
  const std::uint64_t kept = kept_of(fingerprint);
  if (const std::uint64_t* known = find(id); known != nullptr && *known == kept) return;
  if (const auto number = number_in(id)) {
    own().numbers.insert_or_assign(*number, kept);
  } else {
    own().texts.insert_or_assign(std::string(id), kept);
  }
}

void KnownRows::mark_listed(std::string_view id) {
  const std::uint64_t* found = find(id);
  if (found == nullptr || (*found & kListed) != 0) return;
  if (const auto number = number_in(id)) {
    own().numbers.find(*number)->second |= kListed;
  } else {
    own().texts.find(id)->second |= kListed;
  }
}

void KnownRows::forget(std::string_view id) {
  if (!holds(id)) return;
  if (const auto number = number_in(id)) {
    own().numbers.erase(*number);
  } else {
    Rows& rows = own();
    rows.texts.erase(rows.texts.find(id));
  }
}

void KnownRows::begin_listing() {
  if (empty()) return;
  Rows& rows = own();
  for (auto& [number, fingerprint] : rows.numbers) fingerprint &= ~kListed;
  for (auto& [id, fingerprint] : rows.texts) fingerprint &= ~kListed;
}

std::vector<std::string> KnownRows::unlisted() const {
  std::vector<std::string> found;
  each([&](const std::string& id, std::uint64_t fingerprint) {
    if ((fingerprint & kListed) == 0) found.push_back(id);
  });
  return found;
}

std::optional<std::string> KnownRows::any_listed() const {
  const auto is_listed = [](const auto& row) { return (row.second & kListed) != 0; };
  const auto& [numbers, texts] = rows();
  const auto number = std::find_if(numbers.begin(), numbers.end(), is_listed);
  if (number != numbers.end()) return std::to_string(number->first);
  const auto text = std::find_if(texts.begin(), texts.end(), is_listed);
  return text == texts.end() ? std::nullopt : std::optional(text->first);
}

void KnownRows::forget_unlisted() {
  const auto is_unlisted = [](const auto& row) { return (row.second & kListed) == 0; };
  if (empty()) return;
  std::erase_if(own().numbers, is_unlisted);
  std::erase_if(own().texts, is_unlisted);
}

std::string KnownRows::text() const {
  const auto bytes_of_one = static_cast<std::size_t>(width_);
  std::string bytes;
  append_varint(rows().numbers.size(), bytes);
  append_varint(rows().texts.size(), bytes);
  std::uint64_t before = 0;
  for (const auto& [number, fingerprint] : rows().numbers) {
    append_varint(number - std::exchange(before, number), bytes);
    append_fingerprint(fingerprint, bytes_of_one, bytes);
  }
  for (const auto& [id, fingerprint] : rows().texts) {
    append_varint(id.size(), bytes);
    bytes += id;
    append_fingerprint(fingerprint, bytes_of_one, bytes);
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
    known.own().numbers.insert_or_assign(number, *fingerprint);
  }
  for (std::uint64_t i = 0; i < *others; ++i) {
    const auto size = reader.varint();
    const auto id = size ? reader.text(*size) : std::nullopt;
    const auto fingerprint = reader.fingerprint(width);
    if (!id || !fingerprint) return std::nullopt;
    known.own().texts.insert_or_assign(std::string(*id), *fingerprint);
  }
  // Whatever else may be wrong with it, it is not in the form that `text` writes.
  if (known.text() != text) return std::nullopt;
  return known;
}

}  // namespace source_sentry
