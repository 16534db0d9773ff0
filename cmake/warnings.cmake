# Warnings and sanitizers for every target of this project.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast
                    -Wnon-virtual-dtor -Woverloaded-virtual -Werror=switch)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)  # false alarms on "text" + string (GCC bug 105651)
endif()
if(OFFKIT_WERROR)
  add_compile_options(-Werror)
endif()
if(OFFKIT_SANITIZE)
  add_compile_options(-fsanitize=${OFFKIT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OFFKIT_SANITIZE})
  set(OFFKIT_STATIC OFF)
endif()
