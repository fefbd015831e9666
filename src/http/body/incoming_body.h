#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/body/codings.h"
#include "http/body/inflater.h"

namespace source_sentry {

/// The body of an answer while it arrives. One that is packed is collected as it is and unpacked
/// once it is whole, which takes less time than unpacking it in pieces; it is five to ten times
/// smaller than the page. Keeps its memory for the next answer; for one thread.
class IncomingBody {
 public:
  enum class Trouble {
    kNone,
    kTooLarge,
    kBroken,         ///< its packed form is cut off or damaged
    kUnknownCoding,  ///< it is packed in a way that was not asked for
  };

  /// What the header says of it.
  struct Head {
    std::string_view codings;   ///< the value of Content-Encoding; empty: not packed
    bool refuses = false;       ///< the answer is not a success: its beginning is enough
    std::size_t announced = 0;  ///< Content-Length
  };

  /// Makes ready for an answer of at most `largest` bytes, once unpacked. Takes over the memory of
  /// `used`, whose content no one needs any more.
  void begin(std::size_t largest, std::string& used);

  /// Whether the answer has a body, of which a head was told.
  bool is_open() const { return open_; }
  void open(const Head& head);

  /// Adds the next bytes; returns how many are wanted of them. If fewer than all, no more is.
  std::size_t take(std::string_view bytes);

  /// Whether what came is all that is wanted, although there was more.
  bool is_enough() const { return enough_; }

  /// What take() has found wrong; why() says it in words.
  Trouble trouble() const { return trouble_; }
  const std::string& why() const { return why_; }

  /// Puts what arrived into `body`. `whole`: all of it has arrived, or enough; otherwise nothing is
  /// unpacked, and of a packed body nothing is put. Returns what is wrong with it.
  Trouble finish(bool whole, std::string& body);

  /// Gives its memory back.
  void release();

 private:
  Trouble unpack();
  void fail(Trouble trouble, std::string why);

  Inflater inflater_;
  std::string page_;  ///< what is given out; until it is written, memory with whatever it holds
  std::string packed_;
  Codings codings_;
  std::size_t largest_ = 0;
  bool open_ = false;
  bool refuses_ = false;
  bool enough_ = false;
  Trouble trouble_ = Trouble::kNone;
  std::string why_;
};

}  // namespace source_sentry
