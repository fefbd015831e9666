#pragma once

#include <string_view>

namespace source_sentry {

/// What stands before every expression, on one line, so that line 2 for jq is line 1 of the
/// expression. It takes away what reaches beyond the input. Since no module can be imported behind
/// a definition, it also keeps jq 1.6 from ending the process, as a leading `import` does there
/// when no library path is set. The second half is what jq 1.7 and 1.8 add.
inline constexpr std::string_view kPrelude =
    R"(def env: error("env is not available here"); )"
    R"(def input: error("input is not available here"); )"
    R"(def inputs: error("inputs is not available here"); )"
    R"(def halt: error("halt is not available here"); )"
    R"(def halt_error: error("halt_error is not available here"); )"
    R"(def halt_error($code): error("halt_error is not available here"); )"
    R"(def modulemeta: error("modulemeta is not available here"); )"
    R"(def get_search_list: error("get_search_list is not available here"); )"
    R"(def input_filename: error("input_filename is not available here"); )"
    R"(def input_line_number: error("input_line_number is not available here"); )"
    R"(def debug: .; def debug(m): .; def stderr: .; )"
    R"(def pick(f): . as $whole | reduce path(f) as $p (null; setpath($p; $whole | getpath($p))); )"
    R"(def ltrim: sub("^\\s+"; ""); def rtrim: sub("\\s+$"; ""); def trim: ltrim | rtrim; )"
    R"(def toboolean: if type == "boolean" then . elif . == "true" then true )"
    R"(elif . == "false" then false else error("\(type) cannot be parsed as a boolean") end; )"
    R"(def abs: if type != "number" then error("\(type) has no absolute value") )"
    R"(elif . < 0 then -. else . end; )"
    R"(def have_literal_numbers: true; )"
    R"({} as $ENV |)";

}  // namespace source_sentry
