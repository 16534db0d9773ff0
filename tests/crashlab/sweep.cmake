# Programs killed, and their system calls failed, one after the other.
if(OFFKIT_E2E_TESTS)
  add_executable(sweep crashlab/sweep.cpp crashlab/sweep_check.cpp crashlab/sweep_fault.cpp
                       crashlab/sweep_lab.cpp crashlab/sweep_process.cpp crashlab/sweep_queue.cpp
                       crashlab/sweep_scenarios.cpp)
  target_link_libraries(sweep PRIVATE core)
  set_target_properties(sweep PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

  # The long ones first, so that they do not come last and alone; `sweep --list` has them all.
  foreach(scenario settle-attempts settle-group settle-one repair recover cancel retry prune
                   enqueue-first enqueue-one enqueue-body enqueue-replace enqueue-replace-line
                   enqueue-batch enqueue-batch-keys)
    add_test(NAME crashlab/sweep/${scenario} COMMAND sweep ${scenario})
    set_tests_properties(crashlab/sweep/${scenario} PROPERTIES
                         ENVIRONMENT "OFFKIT_BUILD=${CMAKE_BINARY_DIR}" TIMEOUT 900)
  endforeach()
endif()
