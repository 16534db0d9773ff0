# Documents that programs write about themselves; tests/e2e/drift.bats compares them.
set(OFFKIT_RELEASE_DATE "2026-11-21")

add_custom_target(docs)

# Rewrites man page and completions of a program in the source tree, with the target `docs`.
function(offkit_documents program)
  add_custom_target(docs_${program}
    COMMAND ${CMAKE_COMMAND} -E make_directory man completions/bash completions/zsh completions/fish
    COMMAND $<TARGET_FILE:${program}> --generate man > man/${program}.1
    COMMAND $<TARGET_FILE:${program}> --generate bash > completions/bash/${program}
    COMMAND $<TARGET_FILE:${program}> --generate zsh > completions/zsh/_${program}
    COMMAND $<TARGET_FILE:${program}> --generate fish > completions/fish/${program}.fish
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DEPENDS ${program} VERBATIM)
  add_dependencies(docs docs_${program})
endfunction()

# The same of the manual page of the settings, which all programs share.
function(offkit_settings_document program)
  add_custom_target(docs_settings
    COMMAND $<TARGET_FILE:${program}> --generate settings > man/offkit.conf.5
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DEPENDS ${program} VERBATIM)
  add_dependencies(docs docs_settings)
endfunction()
