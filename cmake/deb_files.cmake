# Run by CPack before it packs: makes of the installed files what Debian's policy wants of a package's. The executables
# hold code of libraries that are headers only, so their licences come along where this is a Debian.
cmake_policy(VERSION 3.25)
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)

# The documents of a package, and what each package has.
function(write_documents component package)
  set(share ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share)
  set(doc ${share}/doc/${package})
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
  foreach(library ${ARGN})
    if(EXISTS /usr/share/doc/${library}/copyright)
      configure_file(/usr/share/doc/${library}/copyright ${doc}/copyright.${library} COPYONLY)
    endif()
  endforeach()

  string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
  file(WRITE ${doc}/changelog.Debian "${package} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) bookworm; urgency=medium

  * This package was made of the source itself; changelog.gz says what is new.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}\n")
  configure_file(${source}/CHANGELOG.md ${doc}/changelog COPYONLY)
  execute_process(COMMAND gzip -9n ${doc}/changelog ${doc}/changelog.Debian ${share}/man/man1/${package}.1
    COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(connector ${CPACK_TEMPORARY_DIRECTORY}/connector)
set(share ${connector}/usr/share)
file(MAKE_DIRECTORY ${share}/zsh/vendor-completions)
file(RENAME ${share}/zsh/site-functions/_source-sentry ${share}/zsh/vendor-completions/_source-sentry)
file(REMOVE_RECURSE ${share}/zsh/site-functions)
write_documents(connector source-sentry nlohmann-json3-dev libcli11-dev libxxhash-dev)

if("listen" IN_LIST CPACK_COMPONENTS_ALL)
  set(listen ${CPACK_TEMPORARY_DIRECTORY}/listen)
  # Debian 12 has its units there.
  file(MAKE_DIRECTORY ${listen}/lib)
  file(RENAME ${listen}/usr/lib/systemd ${listen}/lib/systemd)
  file(REMOVE_RECURSE ${listen}/usr/lib)
  write_documents(listen source-sentry-listen nlohmann-json3-dev libcli11-dev libxxhash-dev)  # Boost's needs none beside a program
endif()
