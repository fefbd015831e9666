#include "sentry/streams/spec/children.h"

#include <algorithm>
#include <utility>

#include "base/percent.h"
#include "engine/fetch/page_size.h"
#include "json/members.h"

namespace source_sentry {
namespace {

constexpr std::size_t kRowsOfPage = 100;

/// A text's content, or a number as it is written.
std::string scalar_of(std::string_view value) {
  if (value.starts_with('"')) return text_of_value(value);
  const bool is_number =
      !value.empty() && (value.front() == '-' || (value.front() >= '0' && value.front() <= '9'));
  return is_number ? std::string(value) : std::string();
}

}  // namespace

RowTemplate::RowTemplate(const std::string& text, const StreamScope& scope, bool encoded)
    : encoded_(encoded) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find(kMemberOfRow, at);
    Part part{expand(text.substr(at, open - at), scope, encoded), {}};
    at = text.size();
    if (open != text.npos) {
      const std::size_t close = std::min(text.find('}', open), text.size() - 1);
      part.key = text.substr(open + kMemberOfRow.size(), close - open - kMemberOfRow.size());
      at = close + 1;
    }
    parts_.push_back(std::move(part));
  }
}

std::optional<std::string> RowTemplate::of(std::string_view row) const {
  std::string whole;
  for (const Part& part : parts_) {
    whole += part.text;
    if (part.key.empty()) continue;
    const std::string value = scalar_of(member_value(row, part.key));
    if (value.empty()) return std::nullopt;
    whole += encoded_ ? percent_encode(value) : value;
  }
  return whole;
}

Expansion children_of(const ChildrenSpec& children, const StreamSpec& spec,
                      const StreamScope& scope) {
  const std::string things = spec.things.empty() ? spec.name : spec.things;
  const RowTemplate what("the " + things + " of " + children.of, scope, false);
  std::function<bool(std::string_view)> is_taken;
  if (children.taken) {
    is_taken = [taken = children.taken, &config = scope.config](std::string_view child) {
      return taken(child, config);
    };
  }
  Expansion expansion;
  for (const std::string& path : children.paths) {
    const auto route =
        [path = RowTemplate(path, scope, true), query = RowTemplate(children.query, scope, true),
         what, wanted = children.wanted, &config = scope.config,
         like = Route{.list_key = children.record_path,
                      .none_key = children.none_key,
                      .is_meant = is_taken,
                      .shared = Shared::kChildren,
                      .rate_group = children.rate_group,
                      .failure_group = spec.name,
                      .scopes = children.scopes.empty() ? spec.scopes : children.scopes}](
            std::string_view row) -> std::optional<Route> {
      if (wanted && !wanted(row, config)) return std::nullopt;
      const auto target = path.of(row);
      const auto parameters = query.of(row);
      if (!target || !parameters) return std::nullopt;
      Route list = like;
      list.path = *target;
      list.query = *parameters;
      list.what = what.of(row).value_or("a row's children");
      return list;
    };
    if (!expansion.route) {
      expansion.route = route;
    } else {
      expansion.other_routes.emplace_back(route);
    }
  }
  ChildList list{
      .shape = {.id_key = children.id_key, .page_rows = children.whole ? kWholeList : kRowsOfPage}};
  if (children.overlap) {
    list.window_query = start_end;
    list.overlap = *children.overlap;
  }
  std::vector<std::pair<std::string, RowTemplate>> injected;
  for (const InjectedMember& member : children.injected) {
    injected.emplace_back(member.key, RowTemplate(member.value, scope, false));
  }
  list.may_be_none = children.may_be_none;
  if (children.gathered) {
    list.gathered = children.as_member;
    expansion.list = std::move(list);
    return expansion;
  }
  if (!children.as_member.empty()) {
    list.record = [key = children.as_member](std::string_view row, std::string_view child) {
      return with_member(row, key, child);
    };
    expansion.list = std::move(list);
    return expansion;
  }
  list.record = [injected = std::move(injected)](std::string_view row, std::string_view child) {
    std::string record(child);
    for (const auto& [key, value] : injected) {
      const auto text = value.of(row);
      auto more = text ? filled(record, key, *text) : std::nullopt;
      if (more) record = *std::move(more);
    }
    return record;
  };
  expansion.list = std::move(list);
  return expansion;
}

}  // namespace source_sentry
