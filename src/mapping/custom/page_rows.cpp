#include "mapping/custom/page_rows.h"

#include "json/members.h"
#include "mapping/jq/quoted.h"

namespace source_sentry {
namespace {

/// One record of a page on its way out.
class RowWriter {
 public:
  RowWriter(const PageRule& rule, JqPrograms& programs, PageCounts& counts,
            const std::function<void(std::string_view)>& take)
      : rule_(rule), programs_(programs), counts_(counts), take_(take) {}

  void write(std::string_view record) {
    if (!record.starts_with('{')) {
      ++counts_.not_objects;
      return;
    }
    MappedRow row(record);
    if (is(rule_.exclude, row, false) || !is(rule_.select, row, true)) {
      ++counts_.excluded;
      return;
    }
    Evaluated id = rule_.record_id.first(row, programs_, lent_);
    if (!id.worked() || id.value == "null" || id.value == R"("")") {
      ++counts_.without_id;
      note(id.error.empty() ? "the id is null" : id.error);
      return;
    }
    ++counts_.records;
    const PlainPath* path = rule_.record_id.path();
    if (path != nullptr && !path->only_key().empty()) {
      take_(record);
    } else {
      take_(with_id(record, id.value));
    }
  }

 private:
  /// What `judge` says of the row; `otherwise` where there is none or it says nothing of use.
  bool is(const std::optional<Expression>& judge, MappedRow& row, bool otherwise) {
    if (!judge) return otherwise;
    const Evaluated judged = judge->first(row, programs_, lent_);
    if (judged.value == "true") return true;
    if (judged.value == "false" || judged.value == "null") return false;
    ++counts_.unjudged;
    note(judged.error.empty() ? "the expression gives neither true nor false" : judged.error);
    return otherwise;
  }

  static std::string with_id(std::string_view record, std::string_view id) {
    std::string out = "{";
    append_quoted(kExternalId, out);
    out += ':';
    if (id.starts_with('"')) {
      out += id;
    } else {
      append_quoted(id, out);
    }
    const std::size_t first = record.find('"');
    if (first == record.npos) return out + "}";
    return out.append(1, ',').append(record.substr(first));
  }

  void note(const std::string& error) {
    if (counts_.first_error.empty()) counts_.first_error = error;
  }

  const PageRule& rule_;
  JqPrograms& programs_;
  PageCounts& counts_;
  const std::function<void(std::string_view)>& take_;
  std::string lent_;
};

}  // namespace

std::string page_rows(std::string_view page, const PageRule& rule, JqPrograms& programs,
                      PageCounts& counts, const std::function<void(std::string_view)>& take) {
  MappedRow body(page);
  RowWriter writer(rule, programs, counts, take);
  return rule.iterator.each(body, programs, [&](std::string_view output) {
    if (output.starts_with('[')) {
      for (const std::string_view element : elements_of(output)) writer.write(element);
    } else if (output == "null") {
      ++counts.nothing;
    } else {
      writer.write(output);
    }
    return true;
  });
}

std::string pushed(std::string_view kind, std::string_view record) {
  std::string out = R"({"external_kind":)";
  append_quoted(kind, out);
  return out.append(R"(,"data":[)").append(record).append("]}");
}

}  // namespace source_sentry
