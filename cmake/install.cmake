# Where programs, man pages, completions and licences go; cpack -G DEB packs the same.
if(NOT TARGET offq)
  return()
endif()
install(TARGETS offq netwatch RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS offq-store offq-sync offq-receive netwatch-probe netwatch-metered
        RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/offkit)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
file(GLOB pages RELATIVE ${CMAKE_SOURCE_DIR}/man CONFIGURE_DEPENDS man/*.[1-8])
foreach(page IN LISTS pages)
  string(REGEX REPLACE ".*\\.([1-8])$" "\\1" section ${page})
  install(FILES man/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
file(GLOB units CONFIGURE_DEPENDS examples/systemd/*)
install(FILES ${units} DESTINATION lib/systemd/user)  # nothing is enabled by that
install(FILES examples/crontab DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(DIRECTORY examples/hooks examples/networkmanager
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples USE_SOURCE_PERMISSIONS)
foreach(program offq netwatch)
  install(FILES completions/bash/${program}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES completions/zsh/_${program}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
  install(FILES completions/fish/${program}.fish
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME offkit)
set(CPACK_PACKAGE_CONTACT "offkit developers <offkit@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Keep scripts working when the network does not")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
include(CPack)
