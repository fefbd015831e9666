#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/terminal/live_area.h"
#include "protocol/person.h"

namespace source_sentry {

/// Speaks to a person on stderr: a line for each thing, and below them, on a terminal, the lines
/// that change. Each call writes at once, and in one piece if it can. What cannot be written is
/// dropped: the data matters more. Thread-safe.
class Console final : public Person {
 public:
  struct Form {
    bool colour = false;
    bool infos = false;  ///< plain news, besides warnings and errors
    bool debug = false;  ///< what only helps to find a fault
    bool json = false;   ///< one object a line instead of words
  };

  /// Writes to `fd`, which stays the caller's. `size`: that of its terminal.
  Console(int fd, Form form, std::function<TerminalSize()> size);

  void log(LogLevel level, std::string_view message) override;
  void error(const ConnectorError& error, std::string_view stream) override;
  void say(LogLevel level, std::string_view message) override;

  /// One line as it is.
  void line(std::string_view text);

  /// How many columns there are; nothing where it is not a terminal.
  std::optional<std::size_t> width() const;

  /// Replaces the lines that change. `lines`: makes them for a size.
  void show(const std::function<std::vector<std::string>(const TerminalSize&)>& lines);

 private:
  void put(LogLevel level, std::string_view stream, std::string_view message);
  void write(std::string_view text) const;

  const int fd_;
  const Form form_;
  const std::function<TerminalSize()> size_;
  std::mutex mutex_;
  LiveArea live_;
};

}  // namespace source_sentry
