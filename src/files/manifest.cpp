#include "files/manifest.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/json_member.h"
#include "base/version.h"
#include "files/layout.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

constexpr int kFormat = 1;

constexpr std::array kStatuses = {
    std::pair(SavedStream::Status::kRunning, "running"),
    std::pair(SavedStream::Status::kComplete, "complete"),
    std::pair(SavedStream::Status::kIncomplete, "incomplete"),
};

std::string name_of(SavedStream::Status status) {
  for (const auto& [one, name] : kStatuses) {
    if (one == status) return name;
  }
  return {};
}

/// What is not one of ours counts as not read to its end.
SavedStream::Status status_of(const std::string& name) {
  for (const auto& [status, one] : kStatuses) {
    if (name == one) return status;
  }
  return SavedStream::Status::kRunning;
}

Ordered entry_of(const SavedFile& file) {
  Ordered entry{{"name", file.name},
                {"bytes", file.bytes},
                {"records", file.records},
                {"run", file.run},
                {"begun", format_instant(file.begun)}};
  if (!file.day.empty()) entry["day"] = file.day;
  return entry;
}

SavedFile file_of(const Json& entry) {
  SavedFile file;
  file.name = entry.at("name");
  file.bytes = entry.at("bytes");
  file.records = entry.at("records");
  file.run = entry.at("run");
  file.begun = parse_instant(text_member(entry, "begun")).value_or(Instant());
  file.day = text_member(entry, "day");
  return file;
}

Ordered entry_of(const std::vector<SavedFile>& files) {
  Ordered list = Ordered::array();
  for (const SavedFile& file : files) list.push_back(entry_of(file));
  return list;
}

void add_to(Ordered& entry, const SavedRecords& records) {
  entry["files"] = entry_of(records.files);
  entry["state"] = records.state;
  if (records.since) entry["since"] = format_instant(*records.since);
  if (records.left_out > 0) entry["left_out"] = records.left_out;
}

std::vector<SavedFile> files_of(const Json& list) {
  std::vector<SavedFile> files;
  for (const Json& entry : list) files.push_back(file_of(entry));
  return files;
}

SavedRecords records_of(const Json& entry) {
  return {files_of(entry.at("files")), entry.at("state"),
          parse_instant(text_member(entry, "since")), entry.value("left_out", std::uint64_t{0})};
}

Ordered entry_of(const SavedStream& stream) {
  Ordered entry{{"status", name_of(stream.status)},
                {"mode", stream.full_refresh ? "full_refresh" : "incremental"}};
  add_to(entry, stream.records);
  if (stream.latest) {
    entry["latest"] = entry_of(*stream.latest);
    entry["latest"]["of"] = stream.latest_of;
  }
  if (!stream.columns.empty()) entry["columns"] = stream.columns;
  if (!stream.errors.empty()) entry["errors"] = stream.errors;
  if (stream.successor) {
    Ordered successor;
    add_to(successor, *stream.successor);
    successor["is_due"] = stream.successor_is_due;
    entry["successor"] = std::move(successor);
  }
  return entry;
}

SavedStream stream_of(const Json& entry) {
  SavedStream stream;
  stream.status = status_of(entry.at("status"));
  stream.full_refresh = entry.at("mode") == "full_refresh";
  stream.records = records_of(entry);
  if (const Json* latest = member(entry, "latest")) {
    stream.latest = file_of(*latest);
    stream.latest_of = latest->value("of", std::uint64_t{0});
  }
  if (const Json* columns = member(entry, "columns")) columns->get_to(stream.columns);
  if (const Json* errors = member(entry, "errors")) errors->get_to(stream.errors);
  if (const Json* successor = member(entry, "successor")) {
    stream.successor = records_of(*successor);
    stream.successor_is_due = successor->at("is_due");
  }
  return stream;
}

Ordered entry_of(const SavedRun& run) {
  Ordered entry{{"run", run.number}, {"began", format_instant(run.began)}};
  if (run.ended) entry["ended"] = format_instant(*run.ended);
  entry["complete"] = run.complete;
  entry["records"] = run.records;
  return entry;
}

SavedRun run_of(const Json& entry) {
  SavedRun run;
  run.number = entry.at("run");
  run.began = parse_instant(text_member(entry, "began")).value_or(Instant());
  run.ended = parse_instant(text_member(entry, "ended"));
  run.complete = entry.at("complete");
  entry.at("records").get_to(run.records);
  return run;
}

}  // namespace

std::uint64_t SavedRecords::count() const {
  std::uint64_t count = 0;
  for (const SavedFile& file : files) count += file.records;
  return count;
}

nlohmann::ordered_json Manifest::to_json() const {
  Ordered document{{"version", kFormat},
                   {"made_by", std::string("source-sentry ") + kVersion},
                   {"of", of},
                   {"written", written},
                   {"streams", Ordered::object()},
                   {"runs", Ordered::array()}};
  for (const auto& [name, stream] : streams) document["streams"][name] = entry_of(stream);
  for (const SavedRun& run : runs) document["runs"].push_back(entry_of(run));
  return document;
}

namespace {

/// Whether a name leads to something in the folder: the manifest may come from anybody.
bool is_within(const std::string& name) {
  const auto path = std::filesystem::path(name).lexically_normal();
  return !path.empty() && path.is_relative() && *path.begin() != "..";
}

bool names_what_is_within(const std::string& name, const SavedStream& stream) {
  const auto all_within = [](const SavedRecords& records) {
    return std::all_of(records.files.begin(), records.files.end(),
                       [](const SavedFile& file) { return is_within(file.name); });
  };
  return is_within(name) && all_within(stream.records) &&
         (!stream.successor || all_within(*stream.successor)) &&
         (!stream.latest || is_within(stream.latest->name));
}

}  // namespace

Manifest Manifest::from_json(const Json& document, const std::filesystem::path& path) {
  const Json* version = member(document, "version");
  if (version == nullptr || *version != kFormat) {
    throw ConnectorError(FailureKind::kConfig,
                         path.string() +
                             " is not a manifest that this version of source-sentry can read. Name "
                             "another folder, or use the version that wrote it.");
  }
  const ConnectorError damaged(FailureKind::kConfig,
                               path.string() +
                                   " is damaged. Put it back as it was, or begin again in another "
                                   "folder.");
  try {
    Manifest manifest;
    manifest.of = document.at("of");
    if (!manifest.of.is_object()) throw ConnectorError(damaged);
    manifest.written = document.at("written");
    for (const auto& [name, entry] : document.at("streams").items()) {
      SavedStream stream = stream_of(entry);
      if (!names_what_is_within(name, stream)) throw ConnectorError(damaged);
      manifest.streams[name] = std::move(stream);
    }
    for (const Json& entry : document.at("runs")) manifest.runs.push_back(run_of(entry));
    return manifest;
  } catch (const Json::exception&) {
    throw ConnectorError(damaged);
  }
}

Manifest read_manifest(const std::filesystem::path& folder) {
  const std::filesystem::path path = Layout{folder}.manifest();
  std::error_code failed;
  if (!std::filesystem::exists(path, failed) && !failed) return {};
  std::string reason;
  const auto text = read_file(path, reason);
  if (!text) {
    throw ConnectorError(FailureKind::kConfig, path.string() + " cannot be read: " + reason + ".");
  }
  return Manifest::from_json(nlohmann::json::parse(*text, nullptr, false), path);
}

}  // namespace source_sentry
