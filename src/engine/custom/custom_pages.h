#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/fetch/fetcher.h"
#include "engine/fetch/mark_set.h"
#include "engine/plan/custom_plan.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Goes through the pages of a custom stream for one parent. A page is valid JSON, an object or a
/// list. Steps may be taken with different fetchers. Not thread-safe.
class CustomPages {
 public:
  /// Where the values of templates' names come from, but for `cursor`.
  using Values = Template::Values;

  /// `of`: for people, the parent; empty: it has none. `values` and `programs` must live as long as
  /// the pages are asked for.
  CustomPages(const CustomPlan& plan, const CustomStream& stream, const std::string& of,
              Values values, JqPrograms& programs);

  enum class Turn {
    kPage,     ///< body() holds a page
    kEnd,      ///< there is none left
    kRefused,  ///< the page cannot be had, see refusal()
  };

  /// Gets the next page. `patience`: how long to try. Throws a ConnectorError where an expression
  /// fails or the pages lead nowhere, once the page before was handed out; and Stopped.
  Turn next(Fetcher& fetcher, const Fetcher::Patience& patience = {});

  /// Valid until the next page.
  std::string_view body() const { return body_; }
  const Verdict& refusal() const { return refusal_; }
  const Response& response() const { return response_; }
  /// Whether the parent, or the route for it, is gone, as the refusal says.
  bool is_gone() const;
  std::size_t pages() const { return pages_; }
  /// For people.
  const std::string& what() const { return route_.what; }

  /// Nobody follows a list for longer.
  static constexpr std::size_t kMostPages = 100'000;

 private:
  struct Address {
    std::string path;
    std::string query;
  };
  std::optional<Address> address();
  std::optional<std::string> render(const Template& text, const Values& values);
  bool set_headers();
  Verdict fetch(const std::string& target, Fetcher& fetcher, const Fetcher::Patience& patience);
  void read_next();
  void follow(std::string cursor);
  void refuse(const std::string& message);
  std::string value_of_cursor() const;

  const CustomPlan& plan_;
  const CustomStream& stream_;
  const Values values_;
  JqPrograms& programs_;
  Route route_;
  RecordSplitter splitter_;
  Response response_;
  std::string_view body_;
  Verdict refusal_;
  std::string cursor_;                              // of the page asked for; empty: the first
  std::optional<std::string> next_{std::in_place};  // of the page after it; not set: none follows
  std::string first_path_;
  MarkSet seen_;                           // cursors
  std::optional<ConnectorError> trouble_;  // why nothing can follow
  std::size_t pages_ = 0;
  std::size_t rows_ = 0;  // of the page at hand; 0 where it is an object
};

/// Whether a cursor is an address that the server has given, and not a part of one.
bool is_address(std::string_view cursor);

}  // namespace source_sentry
