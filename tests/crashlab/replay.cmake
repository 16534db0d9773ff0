# The block replay laboratory: tests/crashlab/replay.sh. What it is made of is tested on its own.
if(TARGET unit_tests)
  target_sources(unit_tests PRIVATE crashlab/replay_log.cpp crashlab/replay_states.cpp)
endif()

if(OFFKIT_E2E_TESTS)
  add_executable(replay_queue crashlab/replay_queue.cpp crashlab/replay_promises.cpp)
  target_link_libraries(replay_queue PRIVATE core simdjson crypto)
  set_target_properties(replay_queue PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

  # Without libfuse3 the laboratory says that it cannot run.
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(FUSE3 IMPORTED_TARGET fuse3)
  if(FUSE3_FOUND)
    add_executable(replay_disk crashlab/replay_disk.cpp crashlab/replay_log.cpp
                   crashlab/replay_states.cpp)
    target_link_libraries(replay_disk PRIVATE core PkgConfig::FUSE3)
    set_target_properties(replay_disk PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  endif()

  # It waits for the kernel most of the time, and for whoever else uses the machine.
  set_tests_properties(crashlab/replay.bats PROPERTIES TIMEOUT 1200)
endif()
