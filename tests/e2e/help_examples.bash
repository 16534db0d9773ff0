# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034  # tests read keyboard
# The examples of a program's help, each to be typed: load after common.bash. The test has a
# function outcome_of EXAMPLE NUMBER, which says what is wrong with one, if anything is.

# commands PROGRAM
commands() { "$1" --help | sed -nE 's/^  ([a-z]+)  +[A-Z].*/\1/p'; }
# examples_of PROGRAM [COMMAND]: of one command, or of the program as a whole.
examples_of() { "$1" ${2:+"$2"} --help | sed -n 's/^  \$ //p'; }

# every_example_works PROGRAM: and every command has one. Keys may be typed to $keyboard.
every_example_works() {
  # Never at its end: script would wait two seconds for somebody to read what is left.
  mkfifo keys
  exec {keyboard}<> keys
  local command example number=0
  for command in $(commands "$1") ''; do
    examples_of "$1" "$command" > examples
    [[ -s examples ]] || echo "no example: $command" >> wrong
    while IFS= read -r example; do
      number=$((number + 1))
      (outcome_of "$example" "$number") >> wrong < /dev/null
    done < examples
  done
  cat wrong
  [[ ! -s wrong ]] || return
  ((number > 30)) # or the help has changed so that they are not found
}
