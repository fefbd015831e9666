#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace source_sentry {

/// In characters.
struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// The size of the terminal at file descriptor `fd`; 80 by 24 if it does not say.
TerminalSize terminal_size(int fd);

/// Lines at the end of a terminal that are drawn again and again. Gives the text to write; uses no
/// more than three controls, which every terminal knows. Not thread-safe.
class LiveArea {
 public:
  /// Removes the lines from the terminal. `now`: its size, which may have changed since they were
  /// drawn: lines that no longer fit were broken into several.
  std::string erase(const TerminalSize& now);

  /// Draws the lines, which must fit into the width, without controls. They were erased before.
  std::string draw(std::vector<std::string> lines);

  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

}  // namespace source_sentry
