#!/bin/bash
# SPDX-License-Identifier: MIT
set -euo pipefail

usage() {
  cat <<'END'
usage: tests/run.sh [-h] [-R REGEX] [--tsan] [--lint]

Installs the packages that are missing, builds, and runs every test: the programs and the checks
of the sources (build/release), the unit tests under AddressSanitizer and
UndefinedBehaviorSanitizer (build/asan), and each fuzz target for a minute (build/fuzz; fewer
seconds with OFFKIT_FUZZ_SECONDS). Ends with the summary of ctest and its exit status.

  -R REGEX  run only the tests whose name matches (ctest -R)
  --tsan    also run the unit tests under ThreadSanitizer (build/tsan)
  --lint    also run clang-tidy over all sources: takes minutes
  -h        print this text

Again, without building:  ctest --test-dir build --output-on-failure
END
}

select=()
presets=(release asan)
packages=(build test)
tidy=no
while (($# > 0)); do
  case $1 in
    -h | --help)
      usage
      exit
      ;;
    -R)
      [[ $# -ge 2 ]] || { echo 'run.sh: -R wants a regular expression' >&2; exit 2; }
      select=(-R "$2")
      shift
      ;;
    --tsan) presets+=(tsan) ;;
    --lint)
      tidy=yes
      packages+=(lint)
      ;;
    *)
      printf 'run.sh: unknown argument: %s\n\n' "$1" >&2
      usage >&2
      exit 2
      ;;
  esac
  shift
done

cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

cmake/packages.sh "${packages[@]}"
if command -v clang++ >/dev/null; then
  presets+=(fuzz)
else
  echo 'skipped: the fuzz targets: clang++ is not installed'
fi
cmake/build.sh "${presets[@]}"

# One tree over the build directories, so that one ctest runs, counts and sums up everything.
{
  printf 'subdirs(%s)\n' "${presets[*]}"
  if [[ $tidy == yes ]]; then
    printf 'add_test("%s" run-clang-tidy-19 -quiet -p "%s" "%s")\n' \
      'lint/clang-tidy programs' "$PWD/build/release" "^$PWD/(libcore|tools)/" \
      'lint/clang-tidy tests' "$PWD/build/asan" "^$PWD/tests/"
    printf 'set_tests_properties("%s" PROPERTIES TIMEOUT 7200)\n' \
      'lint/clang-tidy programs' 'lint/clang-tidy tests'
  fi
} >build/CTestTestfile.cmake

exec ctest --test-dir build --output-on-failure --no-tests=error -j "$(nproc)" "${select[@]}"
