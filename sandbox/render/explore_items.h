#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/world/world.h"

namespace sandbox {

/// What Explore lists: a few of each kind are made from every event, with its time.
enum class Dataset : std::uint8_t { kErrors, kSpans, kLogs, kMetrics, kUptime };

/// By Sentry's name; nothing for those that are empty here.
std::optional<Dataset> find_dataset(std::string_view name);

struct ItemField {
  std::string_view name;
  std::string_view type;  ///< in Explore's words
};
std::span<const ItemField> fields_of(Dataset dataset);

/// The field that tells a dataset's items apart, but for a few of one check.
std::string_view id_field_of(Dataset dataset);

struct Item {
  Index project = 0;
  Index serial = 0;  ///< of the event
  std::uint32_t part = 0;
  Second at = 0;
};

/// The items of these projects in [from, to).
std::vector<Item> items_between(const World& world, Dataset dataset,
                                std::span<const Index> projects, Second from, Second to);

/// The value of its id field.
std::string item_id(const World& world, Dataset dataset, const Item& item);

/// All fields of an item.
nlohmann::ordered_json item_row(const World& world, Dataset dataset, const Item& item);

/// The rows that a complete read of one of the streams made of these gives, by its name; nothing
/// for other names.
std::optional<std::vector<nlohmann::ordered_json>> explore_truth(const World& world,
                                                                 std::string_view stream,
                                                                 std::span<const Index> projects,
                                                                 Instant now);

/// The streams that `explore_truth` knows.
std::span<const std::string_view> explore_streams();

}  // namespace sandbox
