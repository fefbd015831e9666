#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "json/record_splitter.h"

namespace source_sentry {

/// The place of the bracket with which a list begins; the text's end where it is not a list.
std::size_t begin_of_list(std::string_view body);

/// Splits a list's answer into its rows. Where the list is a part of the answer, at `list_key`, it
/// is put into `list`, which then must live as long as `page`. Says what is wrong with one that is
/// not a valid list.
std::optional<SplitError> split_list(RecordSplitter& splitter, const std::string& body,
                                     const std::string& list_key, std::string& list,
                                     RecordPage& page);

/// How many entries a list's answer has, see split_list; nothing where it is not a valid list.
std::optional<std::size_t> rows_of_list(const std::string& body, const std::string& list_key);

/// Whether a list's answer is a valid list.
bool is_valid_list(const std::string& body, const std::string& list_key);

}  // namespace source_sentry
