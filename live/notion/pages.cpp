#include "live/notion/pages.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_member.h"
#include "live/notion/api/form_error.h"
#include "live/notion/api/values.h"
#include "live/notion/text/utf8.h"
#include "live/server/status.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr int kOptions = 10;

/// Notion gives a page its number a moment after it has made it.
constexpr int kLooksForTheNumber = 3;
constexpr std::chrono::milliseconds kBetweenLooks(250);

std::string text_of(const Json& body) {
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool can_be_found(const std::string& url) {
  return !url.empty() && utf16_units(url) <= kLongestUrl;
}

}  // namespace

Pages::Pages(const NotionSettings& settings, NotionClient& client, Database& database,
             CreatedPages& created, Clock& clock)
    : settings_(settings), client_(client), database_(database), created_(created), clock_(clock) {}

PageLink Pages::create(const NewPage& page) {
  const KeyedLocks::Held held(making_, page.key);
  Json made = made_before(page);
  if (made.is_null()) made = make(page);
  created_.made(page.key, text_member(made, "id"));
  return shown(std::move(made));
}

/// Null where the page is to be made.
Json Pages::made_before(const NewPage& page) {
  const auto entry = created_.find(page.key);
  if (!entry) return {};
  // Notion was asked for it, and what it answered is not known.
  if (entry->page_id.empty()) return find_by_url(page.sentry_url);
  try {
    Json made = client_.get("pages/" + entry->page_id);
    if (!is_in_trash(made)) return made;
  } catch (const FormError& error) {
    if (error.code != "object_not_found") throw;
  }
  return {};  // somebody has removed it, and wants another one
}

Json Pages::make(const NewPage& page) {
  NotionCall call{"pages", "POST", body_of(page), false};
  created_.asked(page.key);
  for (bool again = true;; again = false) {
    try {
      return client_.call(call);
    } catch (const FormError& error) {
      if (!error.may_be_done) created_.forget(page.key);
      if (error.may_be_done) {
        Json found = find_by_url(page.sentry_url);
        if (!found.is_null()) return found;
        if (!again || !can_be_found(page.sentry_url)) throw;
      } else if (error.code == "validation_error") {
        database_.forget_schema();
        const std::string problems = database_.problems_of(database_.schema());
        if (!problems.empty()) throw FormError(status::kBadGateway, problems);
        std::string body = body_of(page);
        if (!again || body == call.body) throw;
        call.body = std::move(body);
      } else {
        throw;
      }
    }
  }
}

/// The newest page with that URL; null for none.
Json Pages::find_by_url(const std::string& url) {
  if (!can_be_found(url)) return {};
  const Json body = {
      {"filter", {{"property", settings_.columns.sentry_url}, {"url", {{"equals", url}}}}},
      {"sorts", {{{"timestamp", "created_time"}, {"direction", "descending"}}}},
      {"page_size", 1}};
  const Json found = client_.call({database_.query_target(), "POST", text_of(body)});
  const Json results = found.value("results", Json::array());
  return results.empty() ? Json() : results.front();
}

std::string Pages::body_of(const NewPage& page) {
  const NotionColumns& columns = settings_.columns;
  Json properties = {{database_.schema().title_column(), {{"title", text_items(page.title)}}}};
  if (!page.owner_id.empty()) {
    properties[columns.assignee] = {
        {"people", Json::array({{{"object", "user"}, {"id", page.owner_id}}})}};
  }
  std::string description = page.description;
  if (utf16_units(page.sentry_url) <= kLongestUrl) {
    properties[columns.sentry_url] = {{"url", page.sentry_url}};
  } else {
    description += (description.empty() ? "" : "\n\n") +
                   std::string("The link to the issue is longer than Notion allows.");
  }
  Json body = {{"parent", database_.parent()}, {"properties", std::move(properties)}};
  if (Json children = paragraphs(description); !children.empty()) {
    body["children"] = std::move(children);
  }
  return text_of(body);
}

PageLink Pages::link(const std::string& page_id, const std::string& sentry_url) {
  if (utf16_units(sentry_url) > kLongestUrl) {
    throw FormError(status::kBadRequest, "The link to the issue is longer than Notion allows.");
  }
  const std::string id = notion_id(page_id);
  if (id.empty()) throw FormError(status::kBadRequest, "Choose a page of the list.");
  const Json page = client_.get("pages/" + id);
  if (!database_.owns(page)) {
    throw FormError(status::kBadRequest,
                    "That page is not in the database that Sentry is connected with. "
                    "Choose one of the list.");
  }
  if (is_in_trash(page)) throw FormError(status::kNotFound, "That page is in Notion's trash.");
  const Json body = {{"properties", {{settings_.columns.sentry_url, {{"url", sentry_url}}}}}};
  try {
    return shown(client_.call({"pages/" + id, "PATCH", text_of(body)}));
  } catch (const FormError& error) {
    if (error.code != "validation_error") throw;
    database_.forget_schema();
    const std::string problems = database_.problems_of(database_.schema());
    if (problems.empty()) throw;
    throw FormError(status::kBadGateway, problems);
  }
}

std::vector<FormOption> Pages::search(const std::string& text) {
  Json body = {{"page_size", kOptions},
               {"sorts", {{{"timestamp", "last_edited_time"}, {"direction", "descending"}}}}};
  if (!text.empty()) {
    body["filter"] = {{"property", "title"},
                      {"title", {{"contains", first_units(text, kLongestText)}}}};
  }
  const Json found = client_.call({database_.query_target(), "POST", text_of(body)});
  std::vector<FormOption> options;
  for (const Json& page : found.value("results", Json::array())) {
    const std::string title = title_of(page);
    options.push_back({title.empty() ? "Untitled" : title, text_member(page, "id")});
  }
  return options;
}

PageLink Pages::shown(Json page) {
  const std::string id = text_member(page, "id");
  std::string identifier = identifier_of(page, settings_.columns.id);
  for (int look = 0; identifier.empty() && look < kLooksForTheNumber; ++look) {
    if (look > 0) clock_.sleep_for(kBetweenLooks, {});
    page = client_.get("pages/" + id);
    identifier = identifier_of(page, settings_.columns.id);
  }
  if (identifier.empty()) {
    throw FormError(status::kBadGateway,
                    "The page is there, but Notion has not given it its ID yet. Try "
                    "again: it stays one page.");
  }
  return {text_member(page, "url"), identifier};
}

}  // namespace source_sentry
