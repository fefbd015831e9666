#include "sandbox/server/wire.h"

#include <algorithm>

#include "sandbox/api/text.h"
#include "sandbox/render/time_text.h"
#include "sandbox/server/gzip.h"

namespace sandbox {
namespace {

/// What fronts leave uncompressed: not worth it.
constexpr std::size_t kLeastCompressed = 200;

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  if (from.empty()) return;
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// Lines as RFC 9110 allows them, and HTTP/1.0 wrote them: a list goes on in the next line.
void fold(Headers& headers) {
  for (auto& [name, value] : headers) {
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    if (name == "LINK") replace_all(value, "; ", ";\r\n\t");
  }
}

}  // namespace

void set_header(Headers& headers, const std::string& name, const std::string& value) {
  std::erase_if(headers, [&](const auto& one) { return lower(one.first) == lower(name); });
  headers.emplace_back(name, value);
}

Outgoing put_on_wire(Answer answer, Instant now, bool compressible,
                     const std::optional<Fault>& fault) {
  Outgoing out;
  out.status = answer.status;
  out.content_type = std::move(answer.content_type);
  out.headers = std::move(answer.headers);
  out.body = std::move(answer.body);
  set_header(out.headers, "Date", http_date(now));
  set_header(out.headers, "Vary", "Accept-Encoding, Accept-Language, Cookie");
  if (fault) {
    if (fault->replace) replace_all(out.body, fault->replace->first, fault->replace->second);
    for (const std::string& name : fault->drop_headers) {
      std::erase_if(out.headers, [&](const auto& one) { return lower(one.first) == lower(name); });
    }
    for (const auto& [name, value] : fault->set_headers) set_header(out.headers, name, value);
    out.headers.insert(out.headers.begin(), fault->add_headers.begin(), fault->add_headers.end());
    if (fault->folded) fold(out.headers);
    out.trailer = fault->trailer;
  }
  const bool encoded = std::any_of(out.headers.begin(), out.headers.end(), [](const auto& one) {
    return lower(one.first) == "content-encoding";
  });
  if (compressible && !encoded && out.body.size() >= kLeastCompressed) {
    out.body = gzip(out.body);
    out.headers.emplace_back("Content-Encoding", "gzip");
    // Cut inside the stream but framed as if that were all of it.
    if (fault && fault->truncate_gzip) out.body.resize(out.body.size() * 2 / 3);
  }
  out.sent = out.body.size();
  if (fault) {
    if (fault->truncate) out.sent = std::min(out.sent, *fault->truncate);
    out.drip_ms = fault->drip_ms;
    out.close_before = fault->close_before;
  }
  return out;
}

}  // namespace sandbox
