#!/bin/bash
# Makes the machine ready for one target of the Makefile: checks Node and installs the Debian packages that are missing.
#   scripts/setup.sh build|lab|check|test
# Nothing is installed that the target does not need, and nothing that is there already, however it got there.
# OOMSCOPE_TARGET_ARCH=arm64 (or amd64: Docker's and Debian's words) is for building the addon for another machine than
# this one: then dpkg learns that architecture, and the compiler and the libraries are those for it.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
# Debian keeps bpftool and modprobe where an ordinary user's PATH does not look.
PATH=$PATH:/usr/sbin:/sbin

readonly MINIMUM_NODE=20.17.0

foreign='' compiler_package='g++' compiler='g++'
build_for() {
  local processor
  case $1 in
    amd64) processor=x86_64 ;;
    arm64) processor=aarch64 ;;
    *) echo "setup.sh: unknown OOMSCOPE_TARGET_ARCH: $1 (amd64 and arm64 are known)" >&2 && exit 2 ;;
  esac
  [[ $processor == $(uname -m) ]] && return
  foreign=$1
  compiler=$processor-linux-gnu-g++
  compiler_package=g++-${processor/_/-}-linux-gnu
  export PKG_CONFIG_LIBDIR=/usr/lib/$processor-linux-gnu/pkgconfig
}
[[ -z ${OOMSCOPE_TARGET_ARCH:-} ]] || build_for "$OOMSCOPE_TARGET_ARCH"

# needed for | Debian package | how to see that it is there | why
readonly PACKAGES="
build|clang|command clang|compiles the programs that run in the kernel
build|bpftool|command bpftool|links them and reads their record layout
build|libbpf-dev${foreign:+:$foreign}|pkg-config libbpf >= 1.0|loads them
build|libelf-dev${foreign:+:$foreign}|pkg-config libelf|libbpf needs it
build|zlib1g-dev${foreign:+:$foreign}|pkg-config zlib|libbpf needs it
build|pkg-config|command pkg-config|finds the libraries
build|$compiler_package|command $compiler|compiles the addon and the lab programs
build|cmake|command cmake|builds the addon
build|ninja-build|command ninja|builds the addon
lab|qemu-system-x86|command qemu-system-x86_64|boots real kernels
lab|kmod|command depmod|lists the modules of the kernels
lab|xz-utils|command xz|unpacks kernel modules
lab|e2fsprogs|command mkfs.ext4|gives the virtual machine a disk
check|shellcheck|command shellcheck|checks the shell scripts
check|clang-format|command clang-format|checks the format of the C and C++ files
test|chromium|command chromium|shows the page to the browser tests
test|prometheus|command promtool|checks the metrics and the alert rules, and scrapes them
test|containerd|command containerd|runs the container of the DaemonSet in the virtual machines
test|runc|command runc|containerd needs it
test|apparmor|command apparmor_parser|so that containerd loads its profile, as on a node
test|make|command make|builds in the virtual machines, and is interrupted
test|procps|command pgrep|finds processes in the virtual machines
test|python3|command /usr/bin/python3|runs nohang in the virtual machines
test|systemd|command systemd-analyze|judges the unit
test|bpftrace|command bpftrace|the tool that reporting delay is compared with
"

usage() {
  echo 'usage: scripts/setup.sh build|lab|check|test' >&2
  exit 2
}

# Which lines of PACKAGES a target needs.
groups_of() {
  case $1 in
    build) echo 'build' ;;
    lab) echo 'build lab' ;;
    check) echo 'build check' ;;
    test) echo 'build lab check test' ;;
    *) usage ;;
  esac
}

check_node() {
  local found='none'
  if command -v node >/dev/null; then
    found=$(node -p 'process.versions.node')
    if node -e '
      const [have, want] = process.argv.slice(1).map((version) => version.split(".").map(Number));
      process.exit(have[0] > want[0] || (have[0] === want[0] && have[1] >= want[1]) ? 0 : 1);
    ' "$found" "$MINIMUM_NODE"; then
      command -v npm >/dev/null && return
      found="$found, but without npm"
    fi
  fi
  echo "oomscope needs Node.js $MINIMUM_NODE or newer; found: $found. Install it (https://nodejs.org), then run this again." >&2
  exit 3
}

# is_there command NAME | pkg-config MODULE [>= VERSION]
is_there() {
  local kind=$1
  shift
  case $kind in
    command) command -v "$1" >/dev/null ;;
    pkg-config) command -v pkg-config >/dev/null && pkg-config --exists "$*" ;;
    *) echo "setup.sh: unknown probe: $kind" >&2 && exit 1 ;;
  esac
}

# Prints the lines of PACKAGES that are needed for $1 and not there.
missing_for() {
  local groups group package probe why
  groups=$(groups_of "$1")
  while IFS='|' read -r group package probe why; do
    [[ -n $group && " $groups " == *" $group "* ]] || continue
    # shellcheck disable=SC2086  # the probe is a word and its arguments
    is_there $probe || echo "$group|$package|$probe|$why"
  done <<<"$PACKAGES"
}

print_list() {
  local package why
  while IFS='|' read -r _ package _ why; do
    printf '  %-16s %s\n' "$package" "$why"
  done <<<"$1"
}

is_debian() {
  # shellcheck source=/dev/null
  [[ -r /etc/os-release ]] && [[ $(. /etc/os-release && echo "${ID:-}") == debian ]] && command -v apt-get >/dev/null
}

# Runs a long command with its output in a log: a person sees what runs and for how long, and on failure why.
with_progress() {
  local title=$1 log status=0 started=$SECONDS pid
  shift
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  if [[ -t 1 ]]; then
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r  %s … %d s ' "$title" $((SECONDS - started))
      sleep 0.5
    done
    printf '\r\033[K'
  fi
  wait "$pid" || status=$?
  if ((status == 0)); then
    echo "  $title: done in $((SECONDS - started)) s"
  else
    echo "  $title: failed after $((SECONDS - started)) s"
    tail -n 15 "$log" | sed 's/^/    /'
  fi
  rm -f "$log"
  return "$status"
}

as_root=()
become_root() {
  [[ $(id -u) == 0 ]] && return
  if ! command -v sudo >/dev/null; then
    echo "Not root and no sudo: as root, run: apt-get install --no-install-recommends $*" >&2
    exit 3
  fi
  as_root=(sudo DEBIAN_FRONTEND=noninteractive)
  # Asks for the password now: the steps below have no terminal to ask on.
  sudo -v -p 'apt-get needs root. Password for %p: ' || exit 3
}

have_package_lists() {
  compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null
}

install_packages() {
  local install=("${as_root[@]}" apt-get install -y --no-install-recommends "$@")
  local update=("${as_root[@]}" apt-get update)
  if [[ -n $foreign ]]; then
    "${as_root[@]}" dpkg --add-architecture "$foreign"
    with_progress 'apt-get update' "${update[@]}"
  fi
  # No lists at all, or lists so old that what they name is gone: both are cured by an update.
  if ! have_package_lists; then
    with_progress 'apt-get update' "${update[@]}"
    with_progress 'apt-get install' "${install[@]}"
  elif ! with_progress 'apt-get install' "${install[@]}"; then
    with_progress 'apt-get update' "${update[@]}"
    with_progress 'apt-get install, again' "${install[@]}"
  fi
}

# The lab downloads its kernels by itself and without root, but can do so only with lists that name what is there.
refresh_lists_for_kernels() {
  compgen -G "${XDG_CACHE_HOME:-${HOME:-}/.cache}/oomscope/kernels/linux-image-*" >/dev/null && return
  # apt touches this folder whenever it updates the lists.
  have_package_lists && [[ -z $(find /var/lib/apt/lists/partial -maxdepth 0 -mtime +7 2>/dev/null) ]] && return
  # Not worth a password: the lists may do as they are.
  if [[ $(id -u) != 0 ]]; then
    as_root=(sudo -n)
    if ! "${as_root[@]}" true 2>/dev/null; then
      echo 'The package lists are missing or old. If the lab finds no kernel, run as root: apt-get update'
      return
    fi
  fi
  echo 'Updating the package lists: the lab downloads its kernels through them.'
  with_progress 'apt-get update' "${as_root[@]}" apt-get update || echo '  The lab will say whether it needs them.'
}

add_missing() {
  local target=$1 missing packages
  missing=$(missing_for "$target")
  [[ -z $missing ]] && return

  if ! is_debian; then
    echo 'This is not Debian, so nothing is installed for you. Please install what these Debian packages hold:' >&2
    print_list "$missing" >&2
    exit 3
  fi
  mapfile -t packages < <(cut -d'|' -f2 <<<"$missing")
  echo 'Installing Debian packages:'
  print_list "$missing"
  become_root "${packages[@]}"
  install_packages "${packages[@]}"

  missing=$(missing_for "$target")
  if [[ -n $missing ]]; then
    echo 'Installed, yet not found or too old (Debian 12 or newer is needed):' >&2
    print_list "$missing" >&2
    exit 3
  fi
}

main() {
  [[ $# == 1 ]] || usage
  local target=$1
  groups_of "$target" >/dev/null
  check_node
  add_missing "$target"
  if is_debian && [[ " $(groups_of "$target") " == *' lab '* ]]; then
    refresh_lists_for_kernels
  fi
}

main "$@"
