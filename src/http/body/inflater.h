#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/body/codings.h"

struct libdeflate_decompressor;

namespace source_sentry {

/// Unpacks whole bodies. What servers usually send, a single gzip member, is unpacked in one go by
/// libdeflate, straight into memory of the size that the member's last bytes state; everything else
/// by a PiecewiseInflater. Keeps its working memory for the next body; for one thread.
class Inflater {
 public:
  enum class Outcome {
    kWhole,
    kTooLarge,
    kBroken,  ///< cut off or damaged: see `why`
  };

  struct Result {
    Outcome outcome = Outcome::kWhole;
    std::string why{};
  };

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Replaces `body` by what `packed` unpacks to, at most `largest` bytes. No memory is taken for a
  /// body that is larger or broken, but for one whose last bytes state a size that is possible.
  /// What `body` held before does not matter; the nearer its size, the less is written twice.
  /// Throws std::bad_alloc.
  Result inflate(std::string_view packed, Coding coding, std::size_t largest, std::string& body);

 private:
  bool inflate_at_once(std::string_view packed, std::size_t largest, std::string& body);

  struct Deleter {
    void operator()(libdeflate_decompressor* decompressor) const;
  };
  std::unique_ptr<libdeflate_decompressor, Deleter> decompressor_;
};

/// Replaces `body` by the first `most` bytes that `packed` unpacks to, or as many as there are, be
/// it cut off or not. kBroken where its bytes are damaged before that. Throws std::bad_alloc.
Inflater::Result inflate_beginning(std::string_view packed, Coding coding, std::size_t most,
                                   std::string& body);

}  // namespace source_sentry
