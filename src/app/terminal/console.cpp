#include "app/terminal/console.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

namespace source_sentry {
namespace {

/// How a line begins, and the colour of that: the terminal's own, so that it can be read on any
/// background.
struct Beginning {
  const char* word;
  const char* colour;
};

Beginning beginning_of(LogLevel level) {
  switch (level) {
    case LogLevel::kFatal:
    case LogLevel::kError:
      return {"error", "\x1b[1;31m"};
    case LogLevel::kWarn:
      return {"warning", "\x1b[1;33m"};
    case LogLevel::kInfo:
      return {"", ""};
    case LogLevel::kDebug:
    case LogLevel::kTrace:
      break;
  }
  return {"debug", "\x1b[2m"};
}

std::string in_json(LogLevel level, std::string_view stream, std::string_view message) {
  const char* const word = beginning_of(level).word;
  nlohmann::ordered_json line = {{"level", *word == '\0' ? "info" : word}};
  if (!stream.empty()) line["stream"] = stream;
  line["message"] = message;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string in_words(LogLevel level, std::string_view stream, std::string_view message,
                     bool colour) {
  const auto [word, code] = beginning_of(level);
  std::string text;
  if (*word != '\0') {
    text = std::string(word) + ":";
    if (colour) text = code + text + "\x1b[0m";
    text += " ";
  }
  if (!stream.empty()) text.append(stream).append(": ");
  return text.append(message);
}

}  // namespace

Console::Console(int fd, Form form, std::function<TerminalSize()> size)
    : fd_(fd), form_(form), size_(std::move(size)) {}

void Console::log(LogLevel level, std::string_view message) {
  if (level == LogLevel::kFatal) return;  // an error follows that says the same
  if (level == LogLevel::kInfo && !form_.infos) return;
  if (level >= LogLevel::kDebug && !form_.debug) return;
  put(level, {}, message);
}

void Console::error(const ConnectorError& error, std::string_view stream) {
  put(LogLevel::kError, stream, error.message());
  if (form_.debug && !error.detail().empty()) put(LogLevel::kDebug, stream, error.detail());
}

void Console::say(LogLevel level, std::string_view message) { put(level, {}, message); }

void Console::put(LogLevel level, std::string_view stream, std::string_view message) {
  line(form_.json ? in_json(level, stream, message)
                  : in_words(level, stream, message, form_.colour));
}

void Console::line(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> below = live_.lines();
  std::string out = below.empty() ? "" : live_.erase(size_());
  out.append(text).append("\n");
  if (!below.empty()) out += live_.draw(std::move(below));
  write(out);
}

std::optional<std::size_t> Console::width() const {
  return isatty(fd_) == 1 ? std::optional(size_().columns) : std::nullopt;
}

void Console::show(const std::function<std::vector<std::string>(const TerminalSize&)>& lines) {
  const std::scoped_lock lock(mutex_);
  const TerminalSize size = size_();
  std::string out = live_.erase(size);
  out += live_.draw(lines(size));
  write(out);
}

void Console::write(std::string_view text) const {
  // A terminal may be stopped (Ctrl-S), and another process may have made it non-blocking.
  constexpr int kPatience = 1'000;  // ms
  while (!text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd output{fd_, POLLOUT, 0};
      if (poll(&output, 1, kPatience) <= 0) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

}  // namespace source_sentry
