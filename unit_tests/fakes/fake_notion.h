#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "live/notion/text/utf8.h"

namespace source_sentry {

/// Notion's API as far as the bridge uses it, as strict as Notion where it matters: the version
/// decides whether databases or data sources have the columns, and values must fit their columns.
class FakeNotion {
 public:
  using Json = nlohmann::json;
  static constexpr const char* kDatabase = "11111111-1111-4111-8111-111111111111";
  static constexpr const char* kSource = "22222222-2222-4222-8222-222222222222";
  static constexpr const char* kOtherSource = "33333333-3333-4333-8333-333333333333";

  FakeNotion() {
    columns = {{"Name", "title"},      {"Assignee", "people"}, {"ID", "unique_id"},
               {"Sentry link", "url"}, {"Status", "status"},   {"In Sentry", "people"},
               {"Last seen", "date"}};
    sources = {{{"id", kSource}, {"name", "Tasks"}}};
    const auto route = [this](const httplib::Request& request, httplib::Response& answer) {
      serve(request, answer);
    };
    server_.Get("/v1/.*", route);
    server_.Post("/v1/.*", route);
    server_.Patch("/v1/.*", route);
    server_.set_keep_alive_timeout(1);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~FakeNotion() {
    release();
    server_.stop();
  }
  FakeNotion(const FakeNotion&) = delete;
  FakeNotion& operator=(const FakeNotion&) = delete;

  std::string base() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1/"; }

  /// For a change of what it has: no call is answered meanwhile.
  class Edit {
   public:
    explicit Edit(FakeNotion& notion) : lock_(notion.mutex_), notion_(notion) {}
    FakeNotion* operator->() { return &notion_; }

   private:
    std::scoped_lock<std::mutex> lock_;
    FakeNotion& notion_;
  };
  Edit edit() { return Edit(*this); }

  // What it has, see edit().
  std::map<std::string, std::string> columns;  ///< name -> type
  std::vector<std::string> options{"Unresolved", "Resolved", "Archived"};
  Json sources;
  Json users = Json::array();
  int numberless_reads = 0;  ///< how often a new page is shown before it has its number

  Json add_page(const std::string& title, const std::string& url = {},
                const std::string& source = kSource) {
    const std::scoped_lock lock(mutex_);
    Json properties = {{"Name", {{"title", Json::array({{{"text", {{"content", title}}}}})}}}};
    if (!url.empty()) properties["Sentry link"] = {{"url", url}};
    return make(source, properties);
  }
  std::vector<Json> pages() {
    const std::scoped_lock lock(mutex_);
    return pages_;
  }
  Json page(const std::string& id) {
    const std::scoped_lock lock(mutex_);
    return find(id);
  }
  void put_into_trash(const std::string& id) {
    const std::scoped_lock lock(mutex_);
    find(id)["in_trash"] = true;
  }

  struct Fault {
    std::string call;  ///< "POST /v1/pages", or the beginning of it
    int status = 0;    ///< 0: the connection is closed without an answer
    std::string retry_after{};
    std::string body = R"({"object":"error","code":"internal_server_error","message":"x"})";
    bool done = false;  ///< what was asked for is done all the same
  };
  void fail(Fault fault) {
    const std::scoped_lock lock(mutex_);
    faults_.push_back(std::move(fault));
  }

  /// Calls that begin so wait until release().
  void hold(const std::string& call) {
    const std::scoped_lock lock(mutex_);
    held_ = call;
  }
  void release() {
    {
      const std::scoped_lock lock(mutex_);
      held_.clear();
    }
    released_.notify_all();
  }
  /// Waits until a call is held.
  void await_held() {
    std::unique_lock lock(mutex_);
    released_.wait(lock, [this] { return waiting_ > 0; });
  }

  /// How many calls began so.
  int count(const std::string& call) {
    const std::scoped_lock lock(mutex_);
    int found = 0;
    for (const std::string& line : calls_) found += line.starts_with(call) ? 1 : 0;
    return found;
  }
  Json last_body() {
    const std::scoped_lock lock(mutex_);
    return last_body_;
  }

 private:
  struct Refusal {
    int status;
    std::string code, message;
  };

  void serve(const httplib::Request& request, httplib::Response& answer) {
    std::unique_lock lock(mutex_);
    const std::string call = request.method + " " + request.path;
    calls_.push_back(call);
    if (!held_.empty() && call.starts_with(held_)) {
      ++waiting_;
      released_.notify_all();
      released_.wait(lock, [this] { return held_.empty(); });
      --waiting_;
    }
    const auto fault = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& candidate) {
      return call.starts_with(candidate.call);
    });
    if (fault != faults_.end()) {
      const Fault now = *fault;
      faults_.erase(fault);
      if (now.done) respond(request, answer);
      fail(answer, now);
      return;
    }
    try {
      respond(request, answer);
    } catch (const Refusal& refusal) {
      answer.status = refusal.status;
      answer.set_content(Json{{"object", "error"},
                              {"status", refusal.status},
                              {"code", refusal.code},
                              {"message", refusal.message}}
                             .dump(),
                         "application/json");
    }
  }

  static void fail(httplib::Response& answer, const Fault& fault) {
    if (fault.status == 0) {
      answer.set_content_provider(
          10, "application/json",
          [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
      return;
    }
    answer.status = fault.status;
    if (!fault.retry_after.empty()) answer.set_header("Retry-After", fault.retry_after);
    answer.set_content(fault.body, fault.body.starts_with('{') ? "application/json" : "text/html");
  }

  void respond(const httplib::Request& request, httplib::Response& answer) {
    if (request.get_header_value("Authorization") != "Bearer ntn_secret") {
      throw Refusal{401, "unauthorized", "API token is invalid."};
    }
    const std::string version = request.get_header_value("Notion-Version");
    if (version.empty()) throw Refusal{400, "missing_version", "Notion-Version header missing"};
    has_sources_ = version >= "2025-09-03";
    Json body;
    if (request.method != "GET") {
      if (request.get_header_value("Content-Type") != "application/json") {
        throw Refusal{400, "invalid_json", "no JSON"};
      }
      body = Json::parse(request.body);
      last_body_ = body;
    }
    const std::string path = request.path.substr(4);
    answer.set_content(answer_to(request, path, body).dump(), "application/json");
  }

  Json answer_to(const httplib::Request& request, const std::string& path, const Json& body) {
    if (path == "users/me") return {{"object", "user"}, {"type", "bot"}};
    if (path == "users") return list_users(request);
    if (path == "pages") return create(body);
    if (path.starts_with("pages/")) {
      Json& page = find(path.substr(6));
      if (request.method == "PATCH") change(page, body.at("properties"));
      return shown(page);
    }
    const std::string table = has_sources_ ? "data_sources/" : "databases/";
    const std::string id = has_sources_ ? kSource : kDatabase;
    if (path == table + id + "/query") return query(body);
    if (path == std::string("databases/") + kDatabase) {
      Json database = {
          {"object", "database"}, {"id", kDatabase}, {"title", {{{"plain_text", "Tasks"}}}}};
      if (has_sources_) database["data_sources"] = sources;
      if (!has_sources_) database["properties"] = schema();
      return database;
    }
    if (has_sources_ && path == "data_sources/" + id) {
      return {{"object", "data_source"}, {"id", kSource}, {"properties", schema()}};
    }
    throw Refusal{404, "object_not_found", "Could not find it."};
  }

  Json schema() const {
    Json properties = Json::object();
    for (const auto& [name, type] : columns) {
      Json details = Json::object();
      if (type == "status" || type == "select") {
        for (const std::string& option : options) details["options"].push_back({{"name", option}});
      }
      properties[name] = {{"id", name}, {"name", name}, {"type", type}, {type, details}};
    }
    return properties;
  }

  Json list_users(const httplib::Request& request) const {
    const std::string cursor = request.get_param_value("start_cursor");
    const std::size_t begin = cursor.empty() ? 0 : std::stoul(cursor.substr(24));
    const std::string asked = request.get_param_value("page_size");
    const std::size_t size = asked.empty() ? 100 : std::stoul(asked);
    if (size > 100) throw Refusal{400, "validation_error", "page_size should be <= 100"};
    Json results = Json::array();
    for (std::size_t i = begin; i < std::min(begin + size, users.size()); ++i) {
      results.push_back(users[i]);
    }
    Json list = {
        {"object", "list"}, {"results", results}, {"has_more", begin + size < users.size()}};
    std::string next = std::to_string(begin + size);
    next.insert(0, 12 - next.size(), '0');
    list["next_cursor"] =
        begin + size < users.size() ? Json("00000000-0000-4000-8000-" + next) : Json();
    return list;
  }

  void check(const Json& properties) const {
    for (const auto& [name, value] : properties.items()) {
      const auto column = columns.find(name);
      if (column == columns.end()) {
        throw Refusal{400, "validation_error", name + " is not a property that exists."};
      }
      const std::string& type = column->second;
      const bool writable = type != "unique_id";
      if (!writable || !value.contains(type)) {
        throw Refusal{400, "validation_error", name + " is expected to be " + type + "."};
      }
      if (type == "title" || type == "rich_text") check_texts(value[type]);
      if (type == "url" && utf16_units(value[type].get<std::string>()) > 2000) {
        throw Refusal{400, "validation_error", "url is too long"};
      }
      if (type == "status" &&
          std::find(options.begin(), options.end(), value[type]["name"]) == options.end()) {
        throw Refusal{400, "validation_error", name + ": no such option"};
      }
      if (type != "people") continue;
      for (const Json& person : value[type]) {
        const bool known = std::any_of(users.begin(), users.end(), [&](const Json& user) {
          return user["id"] == person.at("id");
        });
        if (!known) throw Refusal{400, "validation_error", "There is no such user."};
      }
    }
  }

  static void check_texts(const Json& items) {
    if (items.size() > 100) throw Refusal{400, "validation_error", "too many texts"};
    for (const Json& item : items) {
      if (utf16_units(item.at("text").at("content").get<std::string>()) > 2000) {
        throw Refusal{400, "validation_error", "content.length should be <= 2000"};
      }
    }
  }

  Json create(const Json& body) {
    const std::string type = has_sources_ ? "data_source_id" : "database_id";
    const Json& parent = body.at("parent");
    if (parent.at("type") != type || parent.at(type) != (has_sources_ ? kSource : kDatabase)) {
      throw Refusal{404, "object_not_found", "Could not find the parent."};
    }
    check(body.at("properties"));
    if (body.contains("children")) {
      if (body["children"].size() > 100) throw Refusal{400, "validation_error", "too many blocks"};
      for (const Json& block : body["children"]) check_texts(block["paragraph"]["rich_text"]);
    }
    numberless_ = numberless_reads;
    return shown(make(kSource, body["properties"]));
  }

  Json make(const std::string& source, const Json& properties) {
    std::string number = std::to_string(pages_.size() + 1);
    const std::string id =
        "aaaaaaaa-0000-4000-8000-" + std::string(12 - number.size(), '0') + number;
    Json parent = {{"type", "database_id"}, {"database_id", kDatabase}};
    if (has_sources_) {
      parent = {{"type", "data_source_id"}, {"data_source_id", source}, {"database_id", kDatabase}};
    }
    pages_.push_back({{"object", "page"},
                      {"id", id},
                      {"url", "https://www.notion.so/" + id},
                      {"in_trash", false},
                      {"parent", parent},
                      {"properties", Json::object()}});
    Json& page = pages_.back();
    page["properties"]["ID"] = {
        {"type", "unique_id"},
        {"unique_id", {{"prefix", "TASK"}, {"number", static_cast<int>(pages_.size())}}}};
    change(page, properties);
    return page;
  }

  void change(Json& page, const Json& properties) const {
    check(properties);
    for (const auto& [name, value] : properties.items()) {
      Json kept = value;
      const std::string& type = columns.at(name);
      kept["type"] = type;
      if (type == "title" || type == "rich_text") {
        for (Json& item : kept[type]) item["plain_text"] = item["text"]["content"];
      }
      page["properties"][name] = kept;
    }
  }

  /// A page as an answer has it: its number may come a moment later.
  Json shown(Json page) {
    if (numberless_ > 0) {
      --numberless_;
      page["properties"].erase("ID");
    }
    return page;
  }

  Json& find(const std::string& id) {
    const auto found = std::find_if(pages_.begin(), pages_.end(),
                                    [&](const Json& page) { return page["id"] == id; });
    if (found == pages_.end()) throw Refusal{404, "object_not_found", "Could not find the page."};
    return *found;
  }

  Json query(const Json& body) {
    if (body.value("page_size", 100) > 100) throw Refusal{400, "validation_error", "page_size"};
    Json results = Json::array();
    for (auto page = pages_.rbegin(); page != pages_.rend(); ++page) {
      if ((*page)["in_trash"] == true ||
          page->at("parent").value("data_source_id", kSource) != kSource)
        continue;
      if (body.contains("filter") && !matches(*page, body["filter"])) continue;
      if (results.size() < body.value("page_size", std::size_t{100})) results.push_back(*page);
    }
    return {
        {"object", "list"}, {"results", results}, {"has_more", false}, {"next_cursor", nullptr}};
  }

  bool matches(const Json& page, const Json& filter) const {
    if (filter.contains("or")) {
      return std::any_of(filter["or"].begin(), filter["or"].end(),
                         [&](const Json& one) { return matches(page, one); });
    }
    std::string name = filter.at("property");
    if (name == "title") name = "Name";
    const auto column = columns.find(name);
    if (column == columns.end()) {
      throw Refusal{400, "validation_error", "Could not find property with name or id: " + name};
    }
    if (!filter.contains(column->second)) {
      throw Refusal{400, "validation_error", "the filter does not fit " + name};
    }
    std::string value;
    if (page["properties"].contains(name)) {
      const Json& property = page["properties"][name];
      if (column->second == "url") value = property["url"];
      if (column->second == "title") {
        for (const Json& item : property["title"]) value += item["text"]["content"];
      }
    }
    const Json& condition = filter[column->second];
    if (condition.contains("equals")) return value == condition["equals"];
    if (condition.contains("ends_with"))
      return value.ends_with(condition["ends_with"].get<std::string>());
    return value.find(condition.at("contains").get<std::string>()) != value.npos;
  }

  std::mutex mutex_;
  std::condition_variable released_;
  std::string held_;
  int waiting_ = 0;
  int numberless_ = 0;
  bool has_sources_ = true;
  std::deque<Fault> faults_;
  std::vector<std::string> calls_;
  Json last_body_;
  std::vector<Json> pages_;
  httplib::Server server_;
  int port_ = 0;
  std::jthread thread_;
};

}  // namespace source_sentry
