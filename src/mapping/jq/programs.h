#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mapping/jq/program.h"
#include "mapping/jq/watchdog.h"

namespace source_sentry {

/// The programs of one thread, each compiled when it is first asked for; the same text is compiled
/// once.
class JqPrograms {
 public:
  /// `work`: where a watchdog looks; null: nobody looks.
  explicit JqPrograms(std::shared_ptr<JqWork> work = nullptr) : work_(std::move(work)) {}

  /// Stays valid as long as this object. Throws ExpressionError.
  JqProgram& get(std::string_view expression);

  /// JqProgram::run of that expression, watched.
  std::string run(std::string_view expression, const JqValue& input,
                  const std::function<bool(JqValue)>& take);

  /// What is run from now on belongs to that stream and record, for the watchdog's message.
  void about(std::string_view stream, std::string_view record) {
    if (work_) work_->about(stream, record);
  }

 private:
  std::shared_ptr<JqWork> work_;
  std::map<std::string, std::unique_ptr<JqProgram>, std::less<>> programs_;
};

/// Has libjq and its regular expressions fill what they share between threads, which they do not
/// guard. Call it before the first thread uses jq.
void prepare_jq_for_threads();

}  // namespace source_sentry
