#!/bin/sh
# Builds the programs of the guest into build/lab: static, so that they need nothing where they run.
set -eu
cd "$(dirname "$0")/.."
out=build/lab
mkdir -p "$out"
# -Wformat-truncation: a cut path is refused by its use; snprintf cuts on purpose here.
flags='-std=gnu11 -O2 -g0 -static -Wall -Wextra -Werror -Wno-format-truncation -D_GNU_SOURCE'

build() {
  program=$1
  shift
  # Under another name first: a guest may be running the old one.
  # shellcheck disable=SC2086 # the flags are a list
  "${CC:-cc}" $flags -o "$out/$program.new" "$@"
  mv "$out/$program.new" "$out/$program"
}

build lab-init lab/guest/*.c
build hog lab/victims/hog*.c lab/victims/program.c -pthread
build spawn-many lab/victims/spawn_many.c lab/victims/program.c
