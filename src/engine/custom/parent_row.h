#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/custom/custom_stream.h"

namespace source_sentry {

/// What is kept of a parent: the members that its children's templates name and take.
struct ParentRow {
  std::string id;                                 ///< for people
  std::vector<std::optional<std::string>> texts;  ///< see ParentNeeds; not set: it has no such text
  std::vector<std::string> taken;                 ///< JSON, in the order of the child's `inject`
  std::string members;                            ///< its members' names, where a text is missing
};

/// Which members of the rows of one level of parents are needed.
class ParentNeeds {
 public:
  /// `kind`: what templates call such a row. `below`: the streams that may name it, its child
  /// first.
  ParentNeeds(const std::string& kind,
              const std::vector<std::shared_ptr<const CustomStream>>& below);

  /// `record` is JSON that RecordSplitter has checked.
  ParentRow take(std::string_view record, std::string id) const;

  /// The text of a name in a template, "teams.slug"; null where it is not of this level. `row`: the
  /// one that was taken.
  const std::optional<std::string>* find(std::string_view name, const ParentRow& row) const;

 private:
  struct Name {
    std::string whole;
    PlainPath path;
  };
  void add(const std::string& kind, const Template& text);

  std::vector<Name> names_;
  std::vector<ParentMember> inject_;
};

/// The text of a value: that of a string, a number or a boolean; nothing for any other, and for "".
std::optional<std::string> text_in(std::string_view value);

}  // namespace source_sentry
