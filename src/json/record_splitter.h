#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace source_sentry {

/// One record of a page, as slices of the page's own bytes: nothing is parsed into objects and
/// nothing is printed again, so numbers, escapes, key order and duplicate keys stay as they came.
struct RecordView {
  std::string_view json;    ///< from `{` to `}`
  std::string_view id;      ///< value of the id key: a string's inside or a number's text; or empty
  std::string_view cursor;  ///< inside of the cursor key's string; empty when absent or no string
};

/// What one page holds, or a slice of it where it has very many records. The views die with the
/// page's bytes.
struct RecordPage {
  std::vector<RecordView> records;
  std::size_t all_records = 0;  ///< those of all slices
  bool continues = false;       ///< not the page's first slice

  // Of the whole page; zero in the slices after the first.
  std::size_t empty = 0;        ///< elements that were `{}`: the protocol forbids emitting them
  std::size_t not_objects = 0;  ///< elements that were not objects at all
};

/// Why a page was refused, and the offset in bytes of the place.
struct SplitError {
  std::string what;
  std::size_t offset = 0;
};

/// Cuts the body of an answer into its records, after checking that every byte of it is strict JSON
/// (RFC 8259): a page passes whole or not at all, because half a page or a NaN must not reach
/// stdout.
///
/// How: simdjson's first stage checks UTF-8 and control characters and lists the position of every
/// token; a walk over that list then checks the grammar, the literals and the numbers, and one scan
/// over the backslashes checks the escapes. Measured against simdjson's On-Demand walk the same
/// checks cost about half (docs/performance.md).
///
/// The memory that it needs besides the body is bounded, whatever the body holds: a token of one
/// byte takes four, so long bodies are walked over in windows; a view takes 48 and a record may
/// have eight, so a page of very many is handed out in slices, after all of it was checked.
///
/// One splitter serves one thread; it keeps its buffers from page to page.
class RecordSplitter {
 public:
  enum class Root { kList, kObject };

  /// No page that Sentry sends has so many records, and few have so many bytes.
  struct Bounds {
    std::size_t window_bytes = 1 << 20;
    std::size_t slice_records = 1 << 14;
  };

  /// `id_key` and `cursor_key` are the top-level keys to pick out; empty for none. A key that the
  /// server writes with escapes is not recognised: the record then counts as without it.
  RecordSplitter(std::string id_key, std::string cursor_key)
      : RecordSplitter(std::move(id_key), std::move(cursor_key), Bounds()) {}
  RecordSplitter(std::string id_key, std::string cursor_key, Bounds bounds);
  ~RecordSplitter();
  RecordSplitter(RecordSplitter&&) noexcept;
  RecordSplitter& operator=(RecordSplitter&&) noexcept;

  /// Splits `body`, whose root must be a list of records or, for kObject, one record. On an error
  /// `page` is left empty. A byte order mark in front is skipped. Nesting past 1024 is refused. A
  /// string and not a view, since the zero byte after its end stops the walk. `body` must stay as
  /// it is until the last slice was taken.
  std::optional<SplitError> split(const std::string& body, Root root, RecordPage& page);

  /// The same for a list's answer, which some servers wrap, in some of their versions: the records
  /// are those of the list at the top-level key `list_key` where the root is an object, and of the
  /// root otherwise. If the key comes twice, its last list counts.
  std::optional<SplitError> split_list(const std::string& body, const std::string& list_key,
                                       RecordPage& page);

  /// Puts the next slice of the latest list into `page`, which holds the one before; false, with
  /// `page` unchanged, when that was the last.
  bool next_slice(RecordPage& page);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// `json`, which RecordSplitter has checked, on a single line, or nothing where it already is: raw
/// newlines can only occur between tokens there (pretty-printed answers), and are taken out with
/// the other white space.
std::optional<std::string> in_one_line(std::string_view json);

}  // namespace source_sentry
