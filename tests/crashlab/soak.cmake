# Everything at once, under faults and kill -9, for two minutes.
if(OFFKIT_E2E_TESTS)
  add_executable(fault_proxy crashlab/fault_proxy.cpp fakes/loopback_server.cpp)
  target_link_libraries(fault_proxy PRIVATE core)
  set_target_properties(fault_proxy PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME crashlab/soak COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/soak.sh 2)
  set_tests_properties(crashlab/soak PROPERTIES
                       ENVIRONMENT "OFFKIT_BUILD=${CMAKE_BINARY_DIR}" TIMEOUT 600)
endif()
