#include "mapping/jq/programs.h"

#include "mapping/jq/under_way.h"

namespace source_sentry {
namespace {

class Watched {
 public:
  Watched(JqWork& work, std::string_view expression) : work_(work) { work_.begin(expression); }
  ~Watched() { work_.end(); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

 private:
  JqWork& work_;
};

}  // namespace

JqProgram& JqPrograms::get(std::string_view expression) {
  const auto found = programs_.find(expression);
  if (found != programs_.end()) return *found->second;
  auto program = std::make_unique<JqProgram>(expression);
  return *programs_.emplace(expression, std::move(program)).first->second;
}

std::string JqPrograms::run(std::string_view expression, const JqValue& input,
                            const std::function<bool(JqValue)>& take) {
  JqProgram& program = get(expression);
  const JqUnderWay under_way(expression);
  if (!work_) return program.run(input, take);
  const Watched watched(*work_, expression);  // `take` may throw
  return program.run(input, take);
}

void prepare_jq_for_threads() {
  JqProgram program(R"({a: "x"} | .a | test("x"))");
  program.run(JqValue(), [](const JqValue&) { return false; });
}

}  // namespace source_sentry
