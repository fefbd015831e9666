# Run while the listener is installed: makes its manual page, `page`, of `template` and what `program --help` prints.
execute_process(COMMAND ${program} --help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
# As it is: man would make typographic signs of these, and a command of a line that begins with a dot.
string(REPLACE "\\" "\\e" help "${help}")
string(REPLACE "-" "\\-" help "${help}")
string(REPLACE "'" "\\(aq" help "${help}")
string(REPLACE "`" "\\(ga" help "${help}")
string(REPLACE "\n." "\n\\&." help "${help}")
configure_file(${template} ${page} @ONLY)
