#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/expand/expansion.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// How a template's {row.KEY} begins.
inline constexpr std::string_view kMemberOfRow = "{row.";

/// A template whose {row.KEY} is filled in for each row, and all else once, see ChildrenSpec.
class RowTemplate {
 public:
  /// `encoded`: what is put in is percent-encoded.
  RowTemplate(const std::string& text, const StreamScope& scope, bool encoded);

  /// Nothing where the row lacks one of the members, or has neither a text nor a number there.
  std::optional<std::string> of(std::string_view row) const;

 private:
  struct Part {
    std::string text;  ///< as it is
    std::string key;   ///< the row's member that follows it; empty: none does
  };
  std::vector<Part> parts_;
  bool encoded_;
};

/// How the rows of a stream's list, or its children, lead to its records, as `children` says: the
/// spec's own children, or grandchildren.
Expansion children_of(const ChildrenSpec& children, const StreamSpec& spec,
                      const StreamScope& scope);

}  // namespace source_sentry
