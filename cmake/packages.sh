#!/bin/bash
# SPDX-License-Identifier: MIT
#
# usage: cmake/packages.sh [--list] GROUP...
#
# Installs the Debian packages of the groups (build, test, lint, benchmark, quickstart) that are missing,
# as root or through sudo. Says and does nothing when nothing is. --list only prints the names.
# This is the one place that names packages.
set -euo pipefail

packages_of() {
  case $1 in
    build)
      echo g++ cmake ninja-build pkg-config \
        libcli11-dev nlohmann-json3-dev libsimdjson-dev libsqlite3-dev libcurl4-openssl-dev \
        libfmt-dev libexpected-dev libyaml-cpp-dev libcpp-httplib-dev libssl-dev libsystemd-dev
      ;;
    test)
      echo doctest-dev bats jq curl sqlite3 strace procps util-linux e2fsprogs zsh fish \
        iproute2 nftables dnsmasq-base dbus-daemon mandoc shellcheck codespell clang-format-19 \
        nginx-light openssl time libfuse3-dev fuse3 xfsprogs btrfs-progs clang libclang-rt-14-dev
      ;;
    lint) echo clang-tidy-19 ;;
    benchmark) echo nq task-spooler sqlite3 curl jq nginx-light iproute2 nftables openssl ;;
    quickstart) echo jq curl ;;
    *) return 1 ;;
  esac
}

die() {
  printf 'packages.sh: %s\n' "$*" >&2
  exit "${code:-1}"
}

list_only=no
if [[ ${1-} == --list ]]; then
  list_only=yes
  shift
fi
(($# > 0)) || code=2 die 'usage: cmake/packages.sh [--list] build|test|lint|benchmark|quickstart...'

wanted=()
for group in "$@"; do
  names=$(packages_of "$group") || code=2 die "no such group: $group"
  read -ra packages <<<"$names"
  wanted+=("${packages[@]}")
done
mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | sort -u)

if [[ $list_only == yes ]]; then
  printf '%s\n' "${wanted[@]}"
  exit
fi

command -v dpkg-query >/dev/null ||
  die "this is not Debian; install what provides: ${wanted[*]}"

missing=()
for package in "${wanted[@]}"; do
  # shellcheck disable=SC2016  # the braces are dpkg-query's
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || status=
  [[ $status == installed ]] || missing+=("$package")
done
((${#missing[@]} > 0)) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null ||
    die "run as root: apt-get install --no-install-recommends ${missing[*]}"
  as_root=(sudo)
fi

apt_install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet --no-install-recommends "${missing[@]}" </dev/null
}

printf 'installing: %s\n' "${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The package lists are fetched only when the installation fails without: they may be absent or old.
if ! apt_install >"$log" 2>&1; then
  if ! { "${as_root[@]}" apt-get update --quiet </dev/null && apt_install; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    die "could not install: ${missing[*]}"
  fi
fi
