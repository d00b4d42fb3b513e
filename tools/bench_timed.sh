# Sourced by the benchmarks, which set `bench` to test/bench and `folder` to the folder they work in: empties that
# folder, and gives them `say`, `timed`, and the Python `environment` of bench_python.sh.
# shellcheck shell=bash
say() { printf 'bench: %s\n' "$*" >&2; }

# shellcheck source=bench_python.sh
source "$(dirname "${BASH_SOURCE[0]}")/bench_python.sh"

rm -rf "${folder:?}"
mkdir -p "$folder"
measured=$folder/measured.tsv

# timed NAME COMMAND...: seconds and peak memory of a command go to measured.tsv; its output to NAME.log.
timed() {
  local name=$1
  shift
  say "$name"
  "$environment/bin/python" "$bench/timed.py" "$measured" "$name" "$@" >"$folder/$name.log" 2>&1 || {
    tail -n 20 "$folder/$name.log" >&2
    say "$name failed; its output is in $folder/$name.log"
    exit 1
  }
}
