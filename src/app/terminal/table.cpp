#include "app/terminal/table.h"

#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "app/terminal/live_area.h"
#include "app/terminal/manner.h"

namespace source_sentry {
namespace {

constexpr std::size_t kBetween = 2;  // blanks

/// The text in lines of at most `width` characters, if no word is longer.
std::vector<std::string> lines_of(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    at = end + 1;
    std::string& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (line.size() + 1 + word.size() <= width) {
      line.append(" ").append(word);
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

std::size_t longest_word(const std::string& text) {
  std::size_t longest = 0;
  for (const std::string& word : lines_of(text, 0)) longest = std::max(longest, word.size());
  return longest;
}

/// The column to make narrower: the widest of those that can be; nothing where none can.
std::optional<std::size_t> column_to_narrow(const std::vector<std::size_t>& widths,
                                            const std::vector<std::size_t>& least) {
  std::optional<std::size_t> widest;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] > least[i] && (!widest || widths[i] > widths[*widest])) widest = i;
  }
  return widest;
}

std::vector<std::size_t> widths_of(const std::vector<TableColumn>& columns,
                                   const std::vector<std::vector<std::string>>& rows,
                                   std::size_t paper) {
  std::vector<std::size_t> widths, least;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    widths.push_back(columns[i].title.size());
    least.push_back(longest_word(columns[i].title));
    for (const auto& row : rows) {
      widths[i] = std::max(widths[i], row[i].size());
      least[i] = std::max(least[i], longest_word(row[i]));
    }
  }
  std::size_t whole =
      std::accumulate(widths.begin(), widths.end(), kBetween * (columns.size() - 1));
  for (; paper > 0 && whole > paper; --whole) {
    const auto column = column_to_narrow(widths, least);
    if (!column) break;
    --widths[*column];
  }
  return widths;
}

std::string row_text(const std::vector<TableColumn>& columns, const std::vector<std::string>& cells,
                     const std::vector<std::size_t>& widths) {
  std::vector<std::vector<std::string>> parts;
  std::size_t height = 1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    parts.push_back(lines_of(cells[i], widths[i]));
    height = std::max(height, parts.back().size());
  }
  std::string text;
  for (std::size_t line = 0; line < height; ++line) {
    std::string one;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string part = line < parts[i].size() ? parts[i][line] : std::string();
      const std::size_t gap = widths[i] - std::min(widths[i], part.size());
      if (i > 0) one.append(kBetween, ' ');
      if (columns[i].is_number) one.append(gap, ' ');
      one += part;
      if (!columns[i].is_number) one.append(gap, ' ');
    }
    one.erase(one.find_last_not_of(' ') + 1);
    text.append(one).append("\n");
  }
  return text;
}

}  // namespace

TablePaper paper_of_stdout() {
  const Surroundings around = surroundings();
  if (!around.stdout_is_terminal) return {};
  const bool draws = !around.term.empty() && around.term != "dumb";
  return {terminal_size(STDOUT_FILENO).columns, draws && !around.no_color};
}

std::string table_text(const std::vector<TableColumn>& columns,
                       const std::vector<std::vector<std::string>>& rows, const TablePaper& paper) {
  const auto widths = widths_of(columns, rows, paper.width);
  std::vector<std::string> titles;
  for (const TableColumn& column : columns) titles.push_back(column.title);
  std::string head = row_text(columns, titles, widths);
  if (paper.colour) {
    head.pop_back();  // the colours end before the line does
    head = "\x1b[1m" + head + "\x1b[0m\n";
  }
  std::string text = std::move(head);
  for (const auto& row : rows) text += row_text(columns, row, widths);
  return text;
}

std::string note_text(const std::string& text, const TablePaper& paper) {
  std::string all;
  for (const std::string& line : lines_of(text, paper.width > 0 ? paper.width : text.size())) {
    all.append(line).append("\n");
  }
  return all;
}

}  // namespace source_sentry
