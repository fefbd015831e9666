#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace source_sentry {

/// What a transform makes of a record: the record as it is, another one instead, or none.
class Transformed {
 public:
  static Transformed as_it_is() { return Transformed(Kind::kAsItIs, {}); }
  static Transformed left_out() { return Transformed(Kind::kLeftOut, {}); }
  /// `json` is one JSON object.
  static Transformed into(std::string json) { return Transformed(Kind::kChanged, std::move(json)); }

  bool is_left_out() const { return kind_ == Kind::kLeftOut; }
  bool is_changed() const { return kind_ == Kind::kChanged; }
  const std::string& json() const { return json_; }  ///< empty unless it is changed
  std::string take() { return std::move(json_); }

 private:
  enum class Kind { kAsItIs, kLeftOut, kChanged };
  Transformed(Kind kind, std::string json) : kind_(kind), json_(std::move(json)) {}

  Kind kind_;
  std::string json_;
};

/// Says what is written instead of a record, which RecordSplitter has checked. Pure: it sees
/// nothing but the record, asks no server, and may be called by several threads at once. Null where
/// records are written as they come, which costs nothing.
using RecordTransform = std::function<Transformed(std::string_view)>;

}  // namespace source_sentry
