#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/expression/expression.h"

namespace source_sentry {

/// Whose records a mapped stream's are like.
enum class RecordShape {
  kPlain,    ///< as the map says
  kPort,     ///< entities of Port: their keys and relations are texts
  kOpsLevel  ///< components of OpsLevel: a leaf with several outputs is their list
};

/// One expression of a map, and what becomes of its outputs.
struct Leaf {
  enum class Outputs {
    kFirst,      ///< the first output; null where it fails
    kText,       ///< the same, numbers and booleans as texts of the same characters
    kTexts,      ///< the same, in a list too, which null leaves
    kCollected,  ///< null for none, the only one, or the list of them
    kJoined      ///< elements of the list that the leaf is in; lists are joined to it
  };
  enum class Need { kNone, kNotNull, kNotEmpty };

  std::string name;  ///< "map.properties.link"
  Expression expression;
  Outputs outputs = Outputs::kFirst;
  /// What a record must have there to go out. kNotEmpty: more than null, false, "", [] or {}.
  Need need = Need::kNone;
};

/// What a map's leaves are put into: objects and lists, as the configuration has them.
class MapTree {
 public:
  /// What a leaf's failure is told to; `leaf` counts in the order of leaves().
  using OnFailure = std::function<void(std::size_t leaf, const std::string& why)>;

  /// `map` is an object: texts in it are expressions, other scalars stand for themselves.
  MapTree(const nlohmann::ordered_json& map, RecordShape shape);

  const std::vector<Leaf>& leaves() const { return leaves_; }
  std::vector<Leaf>& leaves() { return leaves_; }

  /// A part of the map: an object, a list or a leaf.
  struct Node {
    enum class Kind { kObject, kList, kLeaf };
    Kind kind = Kind::kLeaf;
    std::string key;            ///< in an object
    std::vector<Node> members;  ///< of an object or a list
    std::size_t leaf = 0;
  };
  const Node& root() const { return root_; }

  /// Leaves out all top-level members but these.
  void keep(const std::vector<std::string>& members);

  /// Appends the record for `row`. Returns the leaf that has not what it needs, or none, where
  /// what was appended is of no use.
  const Leaf* write(MappedRow& row, JqPrograms& programs, const OnFailure& on_failure,
                    std::string& out) const;

 private:
  Node read(const nlohmann::ordered_json& part, std::vector<std::string>& place, RecordShape shape);

  std::vector<Leaf> leaves_;
  Node root_;
};

}  // namespace source_sentry
