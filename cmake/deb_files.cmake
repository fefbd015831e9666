# Run by CPack before it packs: makes of the installed files what Debian's policy wants of a package's. The executable
# holds code of libraries that are headers only, so their licences come along where this is a Debian.
set(share ${CPACK_TEMPORARY_DIRECTORY}/usr/share)
set(doc ${share}/doc/source-sentry)
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)

file(MAKE_DIRECTORY ${share}/zsh/vendor-completions)
file(RENAME ${share}/zsh/site-functions/_source-sentry ${share}/zsh/vendor-completions/_source-sentry)
file(REMOVE_RECURSE ${share}/zsh/site-functions)

file(STRINGS ${doc}/LICENSE holder REGEX "^Copyright")
string(REPLACE "Copyright (c) " "" holder "${holder}")
file(STRINGS ${doc}/LICENSE licence)
list(SUBLIST licence 4 -1 licence)  # below its name and its holder
set(text "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: source-sentry
Source: ${CPACK_DEBIAN_PACKAGE_HOMEPAGE}

Files: *
Copyright: ${holder}
License: Expat\n")
foreach(line IN LISTS licence)
  if(line STREQUAL "")
    set(line .)
  endif()
  string(APPEND text " ${line}\n")
endforeach()
file(WRITE ${doc}/copyright "${text}")
file(REMOVE ${doc}/LICENSE)
foreach(package nlohmann-json3-dev libcli11-dev libxxhash-dev)
  if(EXISTS /usr/share/doc/${package}/copyright)
    configure_file(/usr/share/doc/${package}/copyright ${doc}/copyright.${package} COPYONLY)
  endif()
endforeach()

string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog.Debian "source-sentry (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) bookworm; urgency=medium

  * This package was made of the source itself; changelog.gz says what is new.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}\n")
configure_file(${source}/CHANGELOG.md ${doc}/changelog COPYONLY)
execute_process(COMMAND gzip -9n ${doc}/changelog ${doc}/changelog.Debian ${share}/man/man1/source-sentry.1
  COMMAND_ERROR_IS_FATAL ANY)
