#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "live/server/request_head.h"

namespace source_sentry {

/// Reads the body of one request, by its length or in chunks, as strictly as its head was read.
/// (Boost.Beast's parser is not asked: in 1.74 a last chunk that comes alone and in pieces fails an
/// assertion, so that anyone could end a build that has them.)
class RequestBody {
 public:
  enum class State {
    kMore,
    kWhole,
    kTooLarge,  ///< it has, or announces, more than `most`
    kBad,
  };

  RequestBody(const Framing& framing, std::size_t most);

  State state() const { return state_; }

  /// Takes in the next bytes, and says how many: what is left begins the next request.
  std::size_t put(std::string_view bytes);

  /// What there is of it.
  std::string& text() { return text_; }

 private:
  /// What comes next.
  enum class Part {
    kBytes,      ///< of a body that has its length
    kChunkLine,  ///< a chunk's length
    kChunk,
    kChunkEnd,  ///< the line end behind it
    kTrailer,   ///< a line behind the last chunk
  };

  std::size_t put_bytes(std::string_view bytes);
  std::size_t put_line(std::string_view bytes);
  void on_line(std::string_view line);
  void on_chunk_line(std::string_view line);

  const std::size_t most_;
  State state_ = State::kMore;
  Part part_ = Part::kBytes;
  std::uint64_t left_ = 0;  // of the body or the chunk
  std::string line_;        // what there is of the line
  std::size_t trailers_ = 0;
  std::string text_;
};

}  // namespace source_sentry
