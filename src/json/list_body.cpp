#include "json/list_body.h"

#include "json/record_splitter.h"

namespace source_sentry {

std::optional<std::size_t> rows_of_list(const std::string& body, const std::string& list_key) {
  RecordSplitter splitter("", "");
  RecordPage page;
  if (splitter.split_list(body, list_key, page)) return std::nullopt;
  return page.all_records + page.empty + page.not_objects;
}

bool is_valid_list(const std::string& body, const std::string& list_key) {
  return rows_of_list(body, list_key).has_value();
}

}  // namespace source_sentry
