# What `cmake --install` does: the executable, its licence, and what the executable itself prints, the manual page and
# the completions, where man, bash, zsh and fish look for them. `cmake --install DIR --component listen` does the same
# for the listener, which is a target and a package of its own.
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME connector)
set(completions ${CMAKE_INSTALL_DATADIR})
set(printed ${CMAKE_BINARY_DIR}/printed)

install(TARGETS source-sentry RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
# By the emulator where the executable is another machine's.
install(CODE "set(program ${CMAKE_CROSSCOMPILING_EMULATOR} \"$<TARGET_FILE:source-sentry>\")\nset(printed \"${printed}\")")
install(CODE [[
foreach(text "man" "completion;bash" "completion;zsh" "completion;fish")
  list(JOIN text - name)
  file(MAKE_DIRECTORY "${printed}")
  execute_process(COMMAND ${program} ${text} OUTPUT_FILE "${printed}/${name}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()]])
install(FILES ${printed}/man DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME source-sentry.1)
install(FILES ${printed}/completion-bash DESTINATION ${completions}/bash-completion/completions RENAME source-sentry)
install(FILES ${printed}/completion-zsh DESTINATION ${completions}/zsh/site-functions RENAME _source-sentry)
install(FILES ${printed}/completion-fish DESTINATION ${completions}/fish/vendor_completions.d RENAME source-sentry.fish)

if(BUILD_LISTENER)
  set(listen COMPONENT listen EXCLUDE_FROM_ALL)
  set(listen_doc ${CMAKE_INSTALL_DATADIR}/doc/source-sentry-listen)
  install(TARGETS source-sentry-listen RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} ${listen})
  install(FILES LICENSE DESTINATION ${listen_doc} ${listen})
  install(DIRECTORY examples/listen/ DESTINATION ${listen_doc}/examples ${listen}
    PATTERN source-sentry-listen.service EXCLUDE)
  # Where systemd looks, below /usr as below /usr/local.
  install(FILES examples/listen/source-sentry-listen.service DESTINATION lib/systemd/system ${listen})
  install(CODE "set(program ${CMAKE_CROSSCOMPILING_EMULATOR} \"$<TARGET_FILE:source-sentry-listen>\")
set(page \"${printed}/listen-man\")
set(template \"${PROJECT_SOURCE_DIR}/cmake/listen_man.in\")
set(PROJECT_VERSION ${PROJECT_VERSION})
include(\"${PROJECT_SOURCE_DIR}/cmake/listen_man.cmake\")" ${listen})
  install(FILES ${printed}/listen-man DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME source-sentry-listen.1 ${listen})
endif()
