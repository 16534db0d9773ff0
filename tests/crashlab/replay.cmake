# The block replay laboratory. What it is made of is tested on its own.
if(TARGET unit_tests)
  target_sources(unit_tests PRIVATE crashlab/replay_log.cpp crashlab/replay_states.cpp)
endif()
