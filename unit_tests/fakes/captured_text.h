#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace source_sentry {

/// A file descriptor to write to, and what was written there.
class CapturedText {
 public:
  CapturedText() : file_(std::tmpfile()) {}
  ~CapturedText() { std::fclose(file_); }
  CapturedText(const CapturedText&) = delete;
  CapturedText& operator=(const CapturedText&) = delete;

  int fd() const { return fileno(file_); }

  std::string text() {
    std::string all;
    std::array<char, 4096> piece{};
    std::rewind(file_);
    for (std::size_t n = 0; (n = std::fread(piece.data(), 1, piece.size(), file_)) > 0;) {
      all.append(piece.data(), n);
    }
    return all;
  }

 private:
  std::FILE* file_;
};

}  // namespace source_sentry
