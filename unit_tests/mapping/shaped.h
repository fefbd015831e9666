#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapping/dialects/translation.h"
#include "mapping/shape/shaper.h"

namespace source_sentry {

inline const KnownSources kSources{{std::string(kWebhooksAsSent), "issues", "projects", "events",
                                    "teams", "organization_members"}};

/// The streams of a translation, compiled.
inline std::vector<std::shared_ptr<const MappedStream>> streams_of(const Translation& translation) {
  KnownSources sources = kSources;
  for (const auto& custom : translation.custom_streams) {
    sources.names.push_back(custom["name"].get<std::string>());
  }
  return read_mapped_streams(translation.mapped_streams, sources, false, translation.mapped_places);
}

inline std::shared_ptr<const MappedStream> stream_of(const std::string& entry, bool fail = false) {
  const auto entries = nlohmann::ordered_json::array({nlohmann::ordered_json::parse(entry)});
  return read_mapped_streams(entries, kSources, fail).front();
}

/// One stream at work, and what came out of it.
struct Shaped {
  explicit Shaped(std::shared_ptr<const MappedStream> stream,
                  std::vector<std::string> marker_key = {})
      : shaper(std::move(stream), programs, std::move(marker_key)) {}
  explicit Shaped(const std::string& entry) : Shaped(stream_of(entry)) {}

  /// What comes out for `record`, one line each.
  std::string operator()(std::string_view record, std::string_view id = "7") {
    std::string out;
    shaper.shape(record, id,
                 [&](std::string_view json) { out.append(out.empty() ? "" : "\n").append(json); });
    return out;
  }
  /// All warnings, one line each.
  std::string warnings() const {
    std::string out;
    for (const std::string& line : shaper.counts().warnings("s")) {
      out.append(out.empty() ? "" : "\n").append(line);
    }
    return out;
  }

  JqPrograms programs;
  Shaper shaper;
};

}  // namespace source_sentry
