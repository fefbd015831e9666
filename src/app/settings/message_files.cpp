#include "app/settings/message_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/settings/json_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "protocol/message_kind.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// A file that holds a document, or lines of messages: its first line tells which.
class MessageFile {
 public:
  MessageFile(const std::string& path, const std::string& what)
      : named_("The " + what + " file " + path), lines_(path) {
    more_ = lines_.next();
    while (more_ && trim(lines_.head()).empty() && lines_.head().size() < LineReader::kHead) {
      more_ = lines_.next();
    }
    fail_where_unreadable();
    if (more_) first_ = kind_of_message(lines_.head());
  }

  bool holds_messages() const { return first_ != MessageKind::kNone; }
  bool begins_with_other() const { return first_ == MessageKind::kOther; }

  /// All of it. Call nothing else after this.
  Json document() {
    std::string text(lines_.number() > 0 ? lines_.number() - 1 : 0, '\n');
    if (more_) text += lines_.rest().value_or("");
    fail_where_unreadable();
    return parse_json_file(text, named_);
  }

  /// Moves to the next message of the kind, the first one at first: null where the line begins like
  /// one and is damaged. Nothing at the end.
  std::optional<Json> next(MessageKind kind) {
    std::optional<Json> found;
    while (more_ && !found) {
      if (kind_of_message(lines_.head()) == kind) {
        const auto text = lines_.line();
        found = text ? parse_json(*text) : Json();
        if (found->is_discarded()) found = Json();
        line_ = lines_.number();
      }
      more_ = lines_.next();
    }
    fail_where_unreadable();
    return found;
  }

  const std::string& named() const { return named_; }
  /// In which line the message of the last next() is.
  std::size_t line() const { return line_; }
  /// At the end: whether the last line has one.
  bool ends_a_line() const { return lines_.last_byte() == '\n'; }
  /// At the end: whether the last line is cut off, as when the run that wrote it was killed.
  bool is_cut_off() const { return !ends_a_line() && lines_.last_byte() != '}'; }

 private:
  void fail_where_unreadable() const {
    if (lines_.error().empty()) return;
    throw ConnectorError(FailureKind::kConfig, named_ + " cannot be read: " + lines_.error() + ".");
  }

  const std::string named_;
  LineReader lines_;
  bool more_ = false;
  MessageKind first_ = MessageKind::kNone;
  std::size_t line_ = 0;
};

}  // namespace

std::vector<ConfiguredStream> read_catalog_file(const std::string& path) {
  MessageFile file(path, "catalog");
  if (!file.holds_messages()) return read_catalog(file.document());
  Json last;
  while (auto message = file.next(MessageKind::kCatalog)) {
    if (message->is_null()) {
      throw ConnectorError(FailureKind::kConfig,
                           file.named() + " is damaged: line " + std::to_string(file.line()) +
                               " begins like a CATALOG and is not complete. Run discover again.");
    }
    last = std::move(*message);
  }
  if (last.is_null()) {
    throw ConnectorError(FailureKind::kConfig,
                         file.named() +
                             " holds messages, and no CATALOG among them. Run discover "
                             "again, and see what its errors say.");
  }
  return read_catalog(last);
}

SavedStates read_state_file(const std::string& path, std::vector<std::string>& warnings) {
  MessageFile file(path, "state");
  if (!file.holds_messages()) return read_saved_states(file.document(), warnings);
  SavedStates states;
  std::size_t good = 0;
  std::vector<std::size_t> damaged;
  while (const auto message = file.next(MessageKind::kState)) {
    if (message->is_null()) {
      damaged.push_back(file.line());
      continue;
    }
    ++good;
    std::vector<std::string> said;
    for (auto& [stream, state] : read_saved_states(*message, said)) {
      states[stream] = std::move(state);
    }
    for (const std::string& text : said) {
      if (std::find(warnings.begin(), warnings.end(), text) == warnings.end())
        warnings.push_back(text);
    }
  }
  // A run that is killed early leaves an output without one; a state file that was spoiled by hand
  // looks otherwise.
  const bool killed = !file.ends_a_line() && file.begins_with_other();
  if (good == 0 && !damaged.empty() && !killed) {
    throw ConnectorError(FailureKind::kConfig,
                         file.named() + " is damaged: line " + std::to_string(damaged.front()) +
                             " begins like a STATE and is not complete, and there is no other. "
                             "Repair the state file, or leave --state out to read from the "
                             "beginning.");
  }
  if (good == 0) {
    warnings.push_back(file.named() +
                       " holds messages, and no whole STATE among them: everything is read from "
                       "the beginning.");
  } else if (file.is_cut_off()) {
    warnings.push_back(file.named() +
                       " ends within a line, as when a run is killed. What came after the last "
                       "whole STATE of a stream is read again.");
  } else if (!damaged.empty()) {
    warnings.push_back(file.named() + " is damaged: line " + std::to_string(damaged.front()) +
                       " begins like a STATE and is not complete. It is ignored, and its stream "
                       "resumes from the STATE before it.");
  }
  return states;
}

}  // namespace source_sentry
