#include "app/terminal/live_area.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <utility>

namespace source_sentry {

TerminalSize terminal_size(int fd) {
  TerminalSize size;
  winsize said{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system's own call
  if (ioctl(fd, TIOCGWINSZ, &said) != 0 || said.ws_col == 0 || said.ws_row == 0) return size;
  size.columns = said.ws_col;
  size.rows = said.ws_row;
  return size;
}

std::string LiveArea::erase(const TerminalSize& now) {
  if (lines_.empty()) return {};
  std::size_t rows = 0;
  for (const std::string& line : lines_) {
    rows += std::max<std::size_t>((line.size() + now.columns - 1) / now.columns, 1);
  }
  lines_.clear();
  // To the beginning of the line, up to the first of them, and away with what follows.
  return "\r\x1b[" + std::to_string(rows) + "A\x1b[J";
}

std::string LiveArea::draw(std::vector<std::string> lines) {
  lines_ = std::move(lines);
  std::string text;
  for (const std::string& line : lines_) text += line + "\n";
  return text;
}

}  // namespace source_sentry
