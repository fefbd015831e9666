#pragma once

#include <memory>
#include <string>

#include "files/folder.h"
#include "protocol/emitter.h"
#include "sentry/config.h"
#include "sentry/source/source.h"

namespace source_sentry {

/// Opens the folder at `path` for the records of a configuration; nothing where `path` is empty, so
/// that they go to stdout. Throws a ConnectorError as Folder does. The emitter must outlive it.
std::unique_ptr<Folder> open_folder(const std::string& path, const FileOptions& options,
                                    const Config& config, Emitter& emitter);

/// Begins the stream in the folder, and resumes it from there. Throws a ConnectorError where there
/// is no such stream, or its files cannot be written.
void resume_in(Folder& folder, WantedStream& wanted, const Config& config,
               const StreamTable& streams);

}  // namespace source_sentry
