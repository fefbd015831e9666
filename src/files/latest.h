#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "files/format/options.h"
#include "files/layout.h"
#include "files/manifest.h"

namespace source_sentry {

/// Writes the newest copy of each record of a stream beside its files, as STREAM.latest.jsonl (or
/// whatever they end in): the last one of each key, in the order of the files. `key`: the top-level
/// members that together tell records apart. Puts it in place of an older one once it is on the
/// disk. Returns what the manifest may say of it. Memory is flat, see KeySort. Throws a
/// ConnectorError where files cannot be read or written.
SavedFile write_latest(const Layout& layout, const std::string& stream, const SavedStream& saved,
                       const FileOptions& options, const std::vector<std::string>& key);

}  // namespace source_sentry
