#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace source_sentry {

/// What a stream's schema says of some of its records. Members are named by their paths:
/// "metadata.title", "tags[].key".
struct SchemaView {
  /// Members that some record has and the schema does not list, by name; not those of objects whose
  /// members it leaves open.
  std::vector<std::string> unknown;

  /// Values of a type that the schema does not have.
  struct Difference {
    std::string key;
    std::string schema;       ///< "string"; "object or string"
    std::string found;        ///< "integer"; "text that is not a time"
    std::size_t records = 0;  ///< in so many of the records
  };
  std::vector<Difference> differences;  ///< by key

  std::size_t known = 0;    ///< top-level members that the schema lists
  std::size_t missing = 0;  ///< of them, those that no record has
};

/// Compares records, one JSON object each, with their schema. Pure.
SchemaView schema_view(const nlohmann::ordered_json& schema,
                       const std::vector<std::string>& records);

}  // namespace source_sentry
