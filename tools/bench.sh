#!/usr/bin/env bash
# Measures Bullion against a DuckDB script by hand that does the same work, in one run on this machine.
#
#   tools/bench.sh [PROGRAM]      EVENTS=10000000 DAYS=90 THREADS=<all cores> LARGE=0
#
# LARGE=1 also runs three times the events. The numbers are ratios: a time alone says little.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:-$root/build/release/bullion}")
events=${EVENTS:-10000000}
days=${DAYS:-90}
threads=${THREADS:-$(nproc)}
folder=$root/build/bench
bench=$root/test/bench

# shellcheck source=bench_timed.sh
source "$root/tools/bench_timed.sh"

new_project() {
  "$program" init cloud_cost "$1" >/dev/null
  mkdir -p "$1/incoming"
}

# generate PROJECT EVENTS: the events as CSV, in the project's incoming folder.
generate() { (cd "$1" && "$program" generate cloud_cost --events "$2" --days "$days" --seed 7 --to incoming/); }

say "generating $events events of $days days"
new_project "$folder/full"
generate "$folder/full" "$events" >"$folder/generate.log" 2>&1

timed peer "$environment/bin/python" "$bench/peer_cloud_cost.py" "$folder/full/incoming" "$folder/peer" \
  --threads "$threads"
cd "$folder/full"
timed full "$program" run
"$environment/bin/python" "$bench/compare.py" "$program" "$folder/full" "$folder/peer"
timed nothing_new "$program" run
"$environment/bin/python" "$bench/late_file.py" incoming --events 10000 --days 3
timed late "$program" run

new_project "$folder/small_memory"
find incoming -name '*.csv' ! -name late.csv -exec ln {} "$folder/small_memory/incoming/" ';'
cd "$folder/small_memory"
timed small_memory "$program" run --memory-limit 1GiB

if [[ ${LARGE:-0} == 1 ]]; then
  new_project "$folder/large"
  generate "$folder/large" "$((3 * events))" >>"$folder/generate.log" 2>&1
  cd "$folder/large"
  timed large "$program" run
fi

"$environment/bin/python" "$bench/report.py" "$measured"
