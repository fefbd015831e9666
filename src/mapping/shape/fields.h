#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// Members to keep of a record, and of what they keep.
class Fields {
 public:
  /// Adds a dotted path: `project.slug`. A member that is named whole stays whole. False where a
  /// name in it is empty.
  bool add(std::string_view dotted);

  /// Appends the members of the object `record` that are kept, as an object, in the order in which
  /// they were added; values keep their bytes, and what is missing is left out. False, and nothing
  /// is appended, where none is there.
  bool write(std::string_view record, std::string& out) const;

  /// Whether that top-level member is kept whole.
  bool keeps(std::string_view name) const;
  /// The members of `schema`'s properties to keep are told by these.
  struct Field {
    std::string name;
    std::vector<Field> inner;  ///< empty: all of it
  };
  const std::vector<Field>& fields() const { return fields_; }
  bool empty() const { return fields_.empty(); }

 private:
  std::vector<Field> fields_;
};

}  // namespace source_sentry
