# The Debian packages, by `cpack -G DEB` or `tools/package deb`: the connector's, and the listener's where it is built.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME source-sentry)
set(CPACK_PACKAGE_VENDOR "the source-sentry authors")
set(CPACK_PACKAGE_CONTACT "the source-sentry authors <source-sentry@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package's description begins with its own
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL connector)
set(CPACK_DEBIAN_CONNECTOR_PACKAGE_NAME source-sentry)
set(CPACK_DEBIAN_CONNECTOR_DESCRIPTION
  "data out of Sentry, as files or as Airbyte messages
Reads events, issues, projects, releases and more from a Sentry server,
complete and incremental. On its own it writes files of JSON lines or CSV and
resumes from them. For Airbyte and PyAirbyte it is a source connector, in
place of Airbyte's own.")
set(CPACK_DEBIAN_CONNECTOR_PACKAGE_SUGGESTS source-sentry-listen)
if(BUILD_LISTENER)
  list(APPEND CPACK_COMPONENTS_ALL listen)
  set(CPACK_DEBIAN_LISTEN_PACKAGE_NAME source-sentry-listen)
  set(CPACK_DEBIAN_LISTEN_DESCRIPTION
    "webhooks of Sentry as records, as they are sent
Receives the webhooks of a Sentry integration, checks their signatures and
keeps each on the disk before it answers. Writes them as files of JSON lines,
or as Airbyte messages; a connection of source-sentry can read them, too. It
comes with a unit for systemd, which is started once it has a secret.")
  set(CPACK_DEBIAN_LISTEN_PACKAGE_SUGGESTS "source-sentry, caddy | nginx")
  set(scripts ${CMAKE_CURRENT_LIST_DIR}/listen_deb)
  set(CPACK_DEBIAN_LISTEN_PACKAGE_CONTROL_EXTRA ${scripts}/postinst ${scripts}/prerm ${scripts}/postrm)
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE ${PROJECT_HOMEPAGE_URL})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)  # the libraries, from what the executables take
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/deb_files.cmake)
include(CPack)
