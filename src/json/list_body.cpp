#include "json/list_body.h"

#include "json/members.h"

namespace source_sentry {
std::size_t begin_of_list(std::string_view body) {
  const std::size_t at = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return at != body.npos && body[at] == '[' ? at : body.size();
}

std::optional<SplitError> split_list(RecordSplitter& splitter, const std::string& body,
                                     const std::string& list_key, std::string& list,
                                     RecordPage& page) {
  // Servers that page by other means wrap their lists; some do so only in some of their versions.
  const bool wrapped = !list_key.empty() && begin_of_list(body) == body.size();
  if (!wrapped) return splitter.split(body, RecordSplitter::Root::kList, page);
  auto error = splitter.split(body, RecordSplitter::Root::kObject, page);
  if (error) return error;
  list.clear();
  for (const RecordView& answer : page.records) {
    list = member_value(answer.json, list_key);
  }
  if (list.empty()) {
    page = RecordPage();
    return SplitError{"no list \"" + list_key + "\" in it", 0};
  }
  return splitter.split(list, RecordSplitter::Root::kList, page);
}

std::optional<std::size_t> rows_of_list(const std::string& body, const std::string& list_key) {
  RecordSplitter splitter("", "");
  std::string list;
  RecordPage page;
  if (split_list(splitter, body, list_key, list, page)) return std::nullopt;
  return page.all_records + page.empty + page.not_objects;
}

bool is_valid_list(const std::string& body, const std::string& list_key) {
  return rows_of_list(body, list_key).has_value();
}

}  // namespace source_sentry
