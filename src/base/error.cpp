#include "base/error.h"

#include <algorithm>

namespace source_sentry {
namespace {

std::string text_of(const std::vector<std::string>& mistakes) {
  std::string text;
  for (std::size_t i = 0; i < std::min(mistakes.size(), Mistakes::kMostTold); ++i) {
    std::string_view one = mistakes[i];
    if (i > 0 && one.starts_with(kConfigErrorPrefix)) one.remove_prefix(kConfigErrorPrefix.size());
    text.append(i > 0 ? " " : "").append(one);
  }
  if (mistakes.size() <= Mistakes::kMostTold) return text;
  return text + " And " + std::to_string(mistakes.size() - Mistakes::kMostTold) + " more.";
}

}  // namespace

Mistakes::Mistakes(std::vector<std::string> list)
    : ConnectorError(FailureKind::kConfig, text_of(list)), list_(std::move(list)) {}

void EveryMistake::add(const ConnectorError& error) {
  if (const auto* several = dynamic_cast<const Mistakes*>(&error)) {
    wrong_.insert(wrong_.end(), several->list().begin(), several->list().end());
  } else {
    wrong_.push_back(error.message());
  }
}

void EveryMistake::finish() const {
  if (!wrong_.empty()) throw Mistakes(wrong_);
}

}  // namespace source_sentry
