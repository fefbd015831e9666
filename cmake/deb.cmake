# The Debian package, by `cpack -G DEB` or `tools/package deb`.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME source-sentry)
set(CPACK_PACKAGE_VENDOR "the source-sentry authors")
set(CPACK_PACKAGE_CONTACT "the source-sentry authors <source-sentry@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "data out of Sentry, as files or as Airbyte messages")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "Reads events, issues, projects, releases and more from a Sentry server,
complete and incremental. On its own it writes files of JSON lines or CSV and
resumes from them. For Airbyte and PyAirbyte it is a source connector, in
place of Airbyte's own.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE ${PROJECT_HOMEPAGE_URL})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)  # the libraries, from what the executable takes
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/deb_files.cmake)
include(CPack)
