#pragma once

#include <span>
#include <string_view>

#include "sandbox/world/model.h"

namespace sandbox {

/// The words one platform's events are made of.
struct Vocabulary {
  std::string_view platform;  ///< as Sentry names it
  std::string_view sdk;
  std::string_view extension;
  std::span<const std::string_view> exceptions;
  std::span<const std::string_view> functions;
  std::span<const std::string_view> modules;
  std::span<const std::string_view> packages;
  std::span<const std::string_view> source;  ///< lines of code that frames quote
};

const Vocabulary& vocabulary(Platform platform);

/// What went wrong, as text around a noun: quotes, backslashes, newlines, control characters and
/// scripts other than Latin are among them on purpose.
struct Complaint {
  std::string_view before;
  std::string_view after;
};

std::span<const Complaint> complaints();
/// Longer endings that some complaints have.
std::span<const std::string_view> complaint_details();
std::span<const std::string_view> nouns();
std::span<const std::string_view> environments();
std::span<const std::string_view> paths();
std::span<const std::string_view> people();
std::span<const std::string_view> browsers();
std::span<const std::string_view> project_words();
std::span<const std::string_view> crumb_messages();

}  // namespace sandbox
