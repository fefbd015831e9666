#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "mapping/expression/expression.h"

namespace source_sentry {

/// The member that holds a record's id where that is not a member of its own.
inline constexpr std::string_view kExternalId = "_external_id";

/// How a page of a custom stream becomes records. Immutable, shared by threads.
struct PageRule {
  Expression iterator{"."};
  std::optional<Expression> exclude;  ///< true drops a record
  std::optional<Expression> select;   ///< true keeps it
  Expression record_id{".id"};
};

/// What pages came to.
struct PageCounts {
  std::uint64_t records = 0;      ///< that went out
  std::uint64_t not_objects = 0;  ///< elements of other kinds, which were left out
  std::uint64_t excluded = 0;
  std::uint64_t unjudged = 0;    ///< exclude or select gave no boolean: the record was kept
  std::uint64_t without_id = 0;  ///< which were left out
  std::uint64_t nothing = 0;     ///< outputs of the iterator that were null
  std::string first_error;       ///< of those
};

/// Hands the records of the body `page`, JSON that RecordSplitter has checked, to `take`. An output
/// of the iterator that is a list gives its elements, null gives none, anything else is one record.
/// A record whose id is not a member of its own gets it as text in kExternalId. Returns why the
/// iterator failed; empty where it did not. Records that came by a plain path keep their bytes.
std::string page_rows(std::string_view page, const PageRule& rule, JqPrograms& programs,
                      PageCounts& counts, const std::function<void(std::string_view json)>& take);

/// The record in the form that OpsLevel's webhook takes.
std::string pushed(std::string_view kind, std::string_view record);

}  // namespace source_sentry
