#include "engine/custom/custom_pages.h"

#include <algorithm>
#include <utility>

#include "base/percent.h"
#include "base/text.h"
#include "http/link_header.h"

namespace source_sentry {
namespace {

constexpr int kTriesForValidPage = 3;
constexpr std::size_t kMostShown = 120;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Whether it can stand in a query as it is: some servers give cursors that are encoded already.
bool is_encoded(std::string_view text) {
  const bool has_escape = text.find('%') != text.npos;
  return has_escape && percent_encode(percent_decode(text)) == text;
}

std::string with_parameter(std::string query, const std::string& name, const std::string& value) {
  if (value.empty()) return query;
  if (!query.empty()) query += '&';
  return query.append(percent_encode(name)).append("=").append(value);
}

bool has_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    if (one.substr(0, one.find('=')) == name) return true;
    query.remove_prefix(std::min(one.size() + 1, query.size()));
  }
  return false;
}

}  // namespace

bool is_address(std::string_view cursor) {
  return cursor.starts_with("https://") || cursor.starts_with("http://") ||
         cursor.starts_with('/') || cursor.find('?') != cursor.npos;
}

CustomPages::CustomPages(const CustomPlan& plan, const CustomStream& stream, const std::string& of,
                         Values values, JqPrograms& programs)
    : plan_(plan),
      stream_(stream),
      values_(std::move(values)),
      programs_(programs),
      route_(plan.route),
      splitter_("", "") {
  route_.what = "the custom stream " + stream.name + (of.empty() ? "" : " for " + of);
  route_.blamed = [place = stream.place](std::string_view /*words*/) { return place; };
}

CustomPages::Turn CustomPages::next(Fetcher& fetcher, const Fetcher::Patience& patience) {
  if (trouble_) throw ConnectorError(*trouble_);
  if (!next_) return Turn::kEnd;
  cursor_ = *std::exchange(next_, std::nullopt);
  const auto asked = address();
  if (!asked || !set_headers()) return Turn::kRefused;
  route_.path = asked->path;
  const std::string target = asked->path + (asked->query.empty() ? "" : "?" + asked->query);
  refusal_ = fetch(target, fetcher, patience);
  if (refusal_.kind != Verdict::Kind::kAccept) return Turn::kRefused;
  ++pages_;
  read_next();
  return Turn::kPage;
}

bool CustomPages::is_gone() const {
  return pages_ == 0 && refusal_.kind == Verdict::Kind::kRefuse &&
         source_sentry::is_gone(refusal_, response_.status);
}

void CustomPages::refuse(const std::string& message) {
  response_.clear();
  refusal_ = Verdict();
  refusal_.kind = Verdict::Kind::kRefuse;
  refusal_.error = ConnectorError(FailureKind::kConfig, message);
}

/// The text with its places filled; nothing, with the refusal set, where a value is missing.
std::optional<std::string> CustomPages::render(const Template& text, const Values& values) {
  std::vector<std::string> missing;
  std::string rendered = text.render(
      values,
      [&](std::string_view name) -> std::optional<std::string> {
        const auto found = plan_.secrets.find(std::string(name));
        return found == plan_.secrets.end() ? std::nullopt : std::optional(found->second);
      },
      &missing);
  for (const std::string& name : missing) {
    const bool is_of_parent = name.find('.') != name.npos;
    if (!is_of_parent) continue;
    const std::string parent = name.substr(0, name.find('.'));
    const auto members = values("members of " + parent);
    std::string problem = text.place();
    problem.append(": {{ ").append(name).append(" }} is not in the record of ").append(parent);
    if (members && !members->empty())
      problem.append(" (its members: ").append(*members).append(")");
    refuse(problem.append("."));
    return std::nullopt;
  }
  return rendered;
}

std::string CustomPages::value_of_cursor() const {
  return is_address(cursor_) || is_encoded(cursor_) ? cursor_ : percent_encode(cursor_);
}

/// Of the page that `cursor_` asks for; nothing, with the refusal set, where there is none.
std::optional<CustomPages::Address> CustomPages::address() {
  const bool given = is_address(cursor_);
  const Values values = [&](std::string_view name) {
    return name == "cursor" ? std::optional(value_of_cursor()) : values_(name);
  };
  const auto text = render(stream_.address, values);
  if (!text) return std::nullopt;
  std::string target;
  try {
    target = plan_.target(*text, given);
  } catch (const ConnectorError& error) {
    refuse(stream_.address.place() + ": " + error.message());
    return std::nullopt;
  }
  const std::size_t mark = target.find('?');
  Address address{target.substr(0, mark), mark == target.npos ? "" : target.substr(mark + 1)};
  if (pages_ == 0) first_path_ = address.path;
  if (given && percent_decode(address.path) != percent_decode(first_path_)) {
    throw ConnectorError(FailureKind::kSystem,
                         stream_.place + ": the page after the one of " +
                             excerpt(first_path_, kMostShown) + " is said to be at " +
                             excerpt(address.path, kMostShown) +
                             ", which is the page of something else. Correct next.value, or tell "
                             "whoever runs the server.");
  }
  // What the server has given holds them already.
  if (given) return address;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!has_parameter(address.query, percent_encode(name))) {
      address.query = with_parameter(std::move(address.query), name, value);
    }
  };
  const Values plain = [&](std::string_view name) {
    if (name != "cursor") return values_(name);
    return std::optional(is_encoded(cursor_) ? percent_decode(cursor_) : cursor_);
  };
  bool in_template = holds(stream_.address.names(), "cursor");
  for (const auto& [name, value] : stream_.params) {
    const auto rendered = render(value, plain);
    if (!rendered) return std::nullopt;
    in_template = in_template || holds(value.names(), "cursor");
    add(name, percent_encode(*rendered));
  }
  if (stream_.page_size > 0) add(stream_.page_size_param, std::to_string(stream_.page_size));
  if (const auto start = values_("start"); start && !stream_.start_param.empty()) {
    add(stream_.start_param, percent_encode(*start));
    if (!stream_.end_param.empty()) {
      add(stream_.end_param, percent_encode(values_("end").value_or("")));
    }
  }
  if (!cursor_.empty() && !in_template) add("cursor", percent_encode(cursor_));
  return address;
}

bool CustomPages::set_headers() {
  route_.headers.clear();
  const Values values = [&](std::string_view name) {
    return name == "cursor" ? std::optional(cursor_) : values_(name);
  };
  for (const auto& [name, value] : stream_.headers) {
    const auto rendered = render(value, values);
    if (!rendered) return false;
    const bool has_control = std::any_of(rendered->begin(), rendered->end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (has_control) {
      refuse(value.place() + ": a value in it has a line end or another control character.");
      return false;
    }
    const bool is_sent_anyway =
        lower(name) == "authorization" && *rendered == "Bearer " + plan_.own_token;
    if (!is_sent_anyway && !trim(*rendered).empty())
      route_.headers.push_back(name + ": " + *rendered);
  }
  // Another identity may see other things.
  route_.shared = route_.headers.empty() ? plan_.route.shared : Shared::kNo;
  return true;
}

Verdict CustomPages::fetch(const std::string& target, Fetcher& fetcher,
                           const Fetcher::Patience& patience) {
  RecordPage page;
  for (int attempt = 1;; ++attempt) {
    Verdict verdict = fetcher.fetch(target, route_, response_, patience);
    if (verdict.kind != Verdict::Kind::kAccept) return verdict;
    body_ = response_.body;
    if (body_.starts_with(kByteOrderMark)) body_.remove_prefix(kByteOrderMark.size());
    const bool is_object = trim(body_).starts_with('{');
    const auto error = splitter_.split(
        response_.body, is_object ? RecordSplitter::Root::kObject : RecordSplitter::Root::kList,
        page);
    fetcher.note_use(route_, !error);
    if (!error) {
      rows_ = is_object ? 0 : page.all_records + page.empty + page.not_objects;
      body_ = trim(body_);
      return verdict;
    }
    const std::string what = of_invalid_answer(route_, *error, response_.body.size());
    if (attempt == kTriesForValidPage || patience.mere_check || fetcher.gets_garbage(route_)) {
      verdict.kind = Verdict::Kind::kRetry;
      verdict.error = ConnectorError(FailureKind::kSystem,
                                     what +
                                         " That happened again and again; tell whoever runs the "
                                         "server.",
                                     "The body starts with: " + excerpt(body_, kMostShown));
      return verdict;
    }
    fetcher.pause(backoff(attempt));
  }
}

/// Finds out what follows this page. Where that cannot be done, the page itself is good.
void CustomPages::read_next() {
  using From = NextRule::From;
  const NextRule& rule = stream_.next;
  if (rule.from == From::kNone) return;
  if (rule.from != From::kLink) {
    const NextCursor next =
        rule.from == From::kHeader
            ? next_cursor(*rule.value, headers_as_json(response_.headers), programs_)
            : next_cursor(*rule.value, body_, programs_);
    if (!next.error.empty()) {
      trouble_ =
          ConnectorError(FailureKind::kConfig, stream_.place + ", next.value failed on page " +
                                                   std::to_string(pages_) + ": " +
                                                   excerpt(next.error, kMostShown) + ".");
    } else if (next.cursor) {
      follow(*next.cursor);
    }
    return;
  }
  const auto header = response_.list_header("link");
  const NextPage next = header ? parse_link_next(*header) : NextPage();
  switch (next.follows) {
    case NextPage::Follows::kMore:
      follow(next.cursor);
      break;
    case NextPage::Follows::kUnclear:
      trouble_ = ConnectorError(FailureKind::kSystem,
                                "The Link header of " + route_.what +
                                    " does not say where the list continues, so more may follow "
                                    "that cannot be reached. Something between here and Sentry may "
                                    "have changed it.");
      break;
    case NextPage::Follows::kUnsaid:
      // A list that comes whole, whatever is asked for, has another number of rows.
      if (stream_.page_size == 0 || rows_ != stream_.page_size) break;
      trouble_ = ConnectorError(FailureKind::kSystem,
                                "The answer for " + route_.what +
                                    " has no Link header on a full page, so more may follow that "
                                    "cannot be reached. Something between here and Sentry may "
                                    "remove it; if not, set next.from of " +
                                    stream_.place + " to none.");
      break;
    case NextPage::Follows::kNothing:
      break;
  }
}

void CustomPages::follow(std::string cursor) {
  const std::uint64_t mark = std::max<std::uint64_t>(fnv1a(cursor), 1);
  const std::string shown = excerpt(cursor, kMostShown);
  if (cursor == cursor_ || seen_.contain(mark)) {
    trouble_ = ConnectorError(FailureKind::kSystem,
                              "The pages of " + route_.what + " go in a circle: the cursor \"" +
                                  shown + "\" came before. Correct next in " + stream_.place +
                                  ", or tell whoever runs the server.");
    return;
  }
  if (pages_ >= kMostPages) {
    trouble_ = ConnectorError(FailureKind::kSystem,
                              route_.what + " has more than 100,000 pages. Correct next in " +
                                  stream_.place + ", or ask for larger pages.");
    return;
  }
  seen_.insert(mark);
  next_ = std::move(cursor);
}

}  // namespace source_sentry
