# Run while the listener is installed: makes its manual page, `page`, of `template` and what `program --help` prints.
execute_process(COMMAND ${program} --help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\\" "\\e" help "${help}")
string(REPLACE "-" "\\-" help "${help}")
string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" help "${help}")  # at a line's beginning they would be commands
configure_file(${template} ${page} @ONLY)
