#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace source_sentry {

/// A column of a table. Its title is ASCII without blanks at the ends, as are its cells.
struct TableColumn {
  std::string title;
  bool is_number = false;  ///< to the right
};

/// What a table is printed on.
struct TablePaper {
  std::size_t width = 0;  ///< characters in a line; 0: any number, as in a file
  bool colour = false;
};

/// That of stdout: a terminal, with its width and NO_COLOR, or something else.
TablePaper paper_of_stdout();

/// The table as lines, with its titles in the first. Where it is wider than the paper, its widest
/// columns are broken into several lines, at blanks; a word is never broken, so a very narrow
/// terminal breaks lines itself. Pure.
std::string table_text(const std::vector<TableColumn>& columns,
                       const std::vector<std::vector<std::string>>& rows, const TablePaper& paper);

/// A sentence below a table, broken at blanks to fit. Pure.
std::string note_text(const std::string& text, const TablePaper& paper);

}  // namespace source_sentry
