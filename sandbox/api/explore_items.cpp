#include "sandbox/render/explore_items.h"

#include <algorithm>
#include <map>
#include <variant>

#include "sandbox/api/explore_query.h"
#include "sandbox/api/handlers.h"
#include "sandbox/api/parameters.h"

namespace sandbox {
namespace {

using std::string_view;
using Json = nlohmann::ordered_json;

constexpr int kDaysByDefault = 90;
/// Pages reach no further (sentry-api.md 4.9), and so long are those of two datasets.
constexpr std::int64_t kWall = 10'000;
constexpr std::size_t kLongestPage = 9999;

bool is_function(string_view field) { return field.ends_with(')'); }

Refusal bad_items(const std::string& detail) { return Refusal(detail_answer(400, detail)); }

/// Explore's answers of whole items, and of counts of them.
class Items {
 public:
  Items(const Call& call, Dataset dataset) : call_(call), world_(call.world), dataset_(dataset) {
    for (const string_view field : call.query.all("field")) {
      if (!is_known(field)) {
        throw bad_items("sentry-sandbox has no field '" + std::string(field) + "'");
      }
      fields_.emplace_back(field);
    }
    counts_ = std::any_of(fields_.begin(), fields_.end(), is_function);
    for (string_view field : call.query.all("sort")) {
      const bool down = field.starts_with('-');
      if (down) field.remove_prefix(1);
      if (std::find(fields_.begin(), fields_.end(), field) == fields_.end()) {
        throw bad_items("Cannot sort by a field that is not selected.");
      }
      sort_.emplace_back(field, down);
    }
    const auto projects = request_projects(call, false);
    const TimeRange range = *request_range(call, kDaysByDefault);
    items_ = items_between(world_, dataset, projects,
                           std::max(to_second(range.start), world_.kept_from(call.now)),
                           to_second(range.end));
    const string_view search = request_search(call, "");
    if (search == "is_transaction:true" && dataset == Dataset::kSpans) {
      std::erase_if(items_, [](const Item& item) { return item.part != 0; });
    } else if (!search.empty()) {
      throw bad_items("sentry-sandbox does not search items by '" + std::string(search) + "'");
    }
  }

  Answer answer() {
    RouteSpec route = call_.route;
    const bool long_pages = dataset_ == Dataset::kLogs || dataset_ == Dataset::kMetrics;
    if (long_pages) route.page.max_size = kLongestPage;
    const Call call{route,         call_.settings, call_.world,  call_.caller,
                    call_.now,     call_.query,    call_.target, call_.organization,
                    call_.project, call_.item,     call_.key};
    const std::size_t size = request_page_size(call);
    const std::int64_t offset = request_cursor(call).value_or(Cursor()).offset;
    if (offset < 0) throw bad_items("Pagination offset cannot be negative");
    if (offset >= kWall) throw bad_items("Pagination offset too large");
    std::vector<Json> rows = counts_ ? counted() : listed();
    const Page page = request_page(call, rows.size(), size);
    Answer answer;
    Json shown = Json::array();
    for (std::size_t i = page.first; i < page.first + page.count; ++i) {
      shown.push_back(counts_ ? rows[i] : whole(rows[i]));
    }
    answer.body = Json{{"data", shown}, {"meta", meta()}}.dump();
    answer.links = page.links;
    return answer;
  }

 private:
  bool is_known(string_view field) const {
    if (field == "count()" || field == "count(metric.name)") return true;
    const auto known = fields_of(dataset_);
    return std::any_of(known.begin(), known.end(),
                       [&](const ItemField& one) { return one.name == field; });
  }

  string_view type_of(string_view field) const {
    if (is_function(field)) return "integer";
    const auto known = fields_of(dataset_);
    return std::find_if(known.begin(), known.end(),
                        [&](const ItemField& one) { return one.name == field; })
        ->type;
  }

  /// What is sorted by, and the item's place.
  std::vector<Json> listed() {
    struct Place {
      std::vector<Json> keys;
      std::size_t item;
    };
    std::vector<Place> places;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      Place place{{}, i};
      for (const auto& [field, down] : sort_) place.keys.push_back(key(field, items_[i]));
      places.push_back(std::move(place));
    }
    std::stable_sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
      for (std::size_t k = 0; k < sort_.size(); ++k) {
        if (a.keys[k] == b.keys[k]) continue;
        return (a.keys[k] < b.keys[k]) != sort_[k].second;
      }
      return false;
    });
    std::vector<Json> rows;
    for (const Place& place : places) rows.emplace_back(place.item);
    return rows;
  }

  Json key(const std::string& field, const Item& item) const {
    if (field == "timestamp") return item.at;
    if (field == id_field_of(dataset_)) return item_id(world_, dataset_, item);
    return item_row(world_, dataset_, item)[field];
  }

  Json whole(const Json& place) const {
    const Json row = item_row(world_, dataset_, items_[place.get<std::size_t>()]);
    Json shown = Json::object();
    for (const std::string& field : fields_) shown[field] = row[field];
    // What Sentry's own pages need to link a row comes unasked.
    if (row.contains("project.name")) shown["project.name"] = row["project.name"];
    return shown;
  }

  std::vector<Json> counted() const {
    std::map<std::string, Json> groups;
    for (const Item& item : items_) {
      const Json row = item_row(world_, dataset_, item);
      std::string name;
      for (const std::string& field : fields_) {
        if (!is_function(field)) name += row[field].dump() + "\n";
      }
      Json& group = groups[name];
      for (const std::string& field : fields_) {
        if (!is_function(field)) {
          group[field] = row[field];
        } else {
          group[field] = group.contains(field) ? group[field].get<std::uint64_t>() + 1 : 1U;
        }
      }
    }
    const bool alone = std::all_of(fields_.begin(), fields_.end(), is_function);
    if (groups.empty() && alone) {
      for (const std::string& field : fields_) groups[""][field] = 0U;
    }
    std::vector<Json> rows;
    for (const auto& [name, row] : groups) rows.push_back(row);
    return rows;
  }

  Json meta() const {
    Json types = Json::object();
    for (const std::string& field : fields_) types[field] = type_of(field);
    return {{"fields", types},
            {"units", Json::object()},
            {"isMetricsData", false},
            {"tips", Json::object()},
            {"dataset", call_.query.get("dataset").value_or("")},
            {"dataScanned", "full"}};
  }

  const Call& call_;
  const World& world_;
  const Dataset dataset_;
  std::vector<std::string> fields_;
  std::vector<std::pair<std::string, bool>> sort_;
  std::vector<Item> items_;
  bool counts_ = false;
};

}  // namespace

std::optional<Answer> explore_items(const Call& call) {
  const auto dataset = find_dataset(call.query.get("dataset").value_or(""));
  if (!dataset) return std::nullopt;
  // Errors have a way of their own, unless what they say is asked for.
  const auto fields = call.query.all("field");
  const auto is_item_field = [](string_view name) { return name == "title"; };
  if (*dataset == Dataset::kErrors && std::none_of(fields.begin(), fields.end(), is_item_field)) {
    return std::nullopt;
  }
  if (fields.size() > kMostExploreFields) return std::nullopt;  // which says so
  return Items(call, *dataset).answer();
}

}  // namespace sandbox
