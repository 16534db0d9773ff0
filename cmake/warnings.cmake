# Warnings and sanitizers for every target of this project.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast
                    -Wnon-virtual-dtor -Woverloaded-virtual -Werror=switch)
if(OFFKIT_WERROR)
  add_compile_options(-Werror)
endif()
if(OFFKIT_SANITIZE)
  add_compile_options(-fsanitize=${OFFKIT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OFFKIT_SANITIZE})
  set(OFFKIT_STATIC OFF)
endif()
