#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace source_sentry {

/// What changes files and folders by their names. Each throws a ConnectorError where the system
/// refuses it, which says what to do.

/// The rights of new files: what the user's umask leaves of these.
inline constexpr mode_t kForAll = 0666;

/// Throws the error: `path` cannot be `what` ("written"), for the system's reason `code` (errno).
[[noreturn]] void refuse_path(const std::filesystem::path& path, const std::string& what, int code);

/// Throws a ConnectorError if there is something in the file or folder, which nothing of ours has
/// written: it is not taken over.
void refuse_foreign(const std::filesystem::path& path);

/// Makes the folder and those above it; does nothing where it is there.
void make_folder(const std::filesystem::path& path);

/// Removes the file, or the folder with all that is in it; does nothing where it is not there.
void remove_whole(const std::filesystem::path& path);

/// Gives the file another name, in place of whatever has that name, and makes sure that it lasts.
void move_file(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace source_sentry
