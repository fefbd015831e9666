#include "files/manifest.h"

#include <array>
#include <utility>

#include "base/error.h"
#include "base/json_member.h"
#include "base/version.h"

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

std::vector<SavedFile> files_of(const Json& list) {
  std::vector<SavedFile> files;
  for (const Json& entry : list) files.push_back(file_of(entry));
  return files;
}

Ordered entry_of(const SavedStream& stream) {
  Ordered entry{{"status", name_of(stream.status)},
                {"mode", stream.full_refresh ? "full_refresh" : "incremental"},
                {"files", entry_of(stream.records.files)},
                {"state", stream.records.state}};
  if (stream.latest) entry["latest"] = entry_of(*stream.latest);
  if (!stream.columns.empty()) entry["columns"] = stream.columns;
  if (!stream.errors.empty()) entry["errors"] = stream.errors;
  if (stream.successor) {
    entry["successor"] = {{"files", entry_of(stream.successor->files)},
                          {"state", stream.successor->state},
                          {"is_due", stream.successor_is_due}};
  }
  return entry;
}

SavedStream stream_of(const Json& entry) {
  SavedStream stream;
  stream.status = status_of(entry.at("status"));
  stream.full_refresh = entry.at("mode") == "full_refresh";
  stream.records = {files_of(entry.at("files")), entry.at("state")};
  if (const Json* latest = member(entry, "latest")) stream.latest = file_of(*latest);
  if (const Json* columns = member(entry, "columns")) columns->get_to(stream.columns);
  if (const Json* errors = member(entry, "errors")) errors->get_to(stream.errors);
  if (const Json* successor = member(entry, "successor")) {
    stream.successor = SavedRecords{files_of(successor->at("files")), successor->at("state")};
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

Manifest Manifest::from_json(const Json& document, const std::filesystem::path& path) {
  const Json* version = member(document, "version");
  if (version == nullptr || *version != kFormat) {
    throw ConnectorError(FailureKind::kConfig,
                         path.string() +
                             " is not a manifest that this version of source-sentry can read. Name "
                             "another folder, or use the version that wrote it.");
  }
  try {
    Manifest manifest;
    manifest.of = document.at("of");
    manifest.written = document.at("written");
    for (const auto& [name, entry] : document.at("streams").items()) {
      manifest.streams[name] = stream_of(entry);
    }
    for (const Json& entry : document.at("runs")) manifest.runs.push_back(run_of(entry));
    return manifest;
  } catch (const Json::exception&) {
    throw ConnectorError(FailureKind::kConfig,
                         path.string() +
                             " is damaged. Put it back as it was, or begin again in "
                             "another folder.");
  }
}

}  // namespace source_sentry
