#!/usr/bin/env bash
# Measures Bullion on 1.59 million rows of real, dirty files (six publishers, 617 files) against a DuckDB script that
# reads the same files with the right dialects: landing to bronze, in one run on this machine.
#
#   tools/bench_files.sh [PROGRAM]     BULLION_SHARED_DATA=<folder of public data>   THREADS=<all cores>   ROUNDS=3
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:-$root/build/release/bullion}")
data=${BULLION_SHARED_DATA:-$root/../shared/data}/spend/uk_council_spending
threads=${THREADS:-$(nproc)}
rounds=${ROUNDS:-3}
folder=$root/build/bench_files
bench=$root/test/bench

[[ -d $data ]] || {
  printf 'bench: %s is not there; set BULLION_SHARED_DATA to the folder of public data\n' "$data" >&2
  exit 2
}
# shellcheck source=bench_timed.sh
source "$root/tools/bench_timed.sh"

mkdir -p "$folder/project/sources" "$folder/project/models"
ln -s "$(realpath "$data")" "$folder/project/incoming"
printf 'name: council\ncurrency: GBP\ntargets:\n  dev: {lake: lake}\n' >"$folder/project/bullion.yml"
for file in "$root"/test/end_to_end/council_sources/*.yml; do
  [[ $file == *birmingham* ]] || cp "$file" "$folder/project/sources/"
done
for ((round = 0; round < rounds; ++round)); do
  rm -rf "$folder/project/lake" "$folder/peer"
  timed bullion "$program" run --quiet --threads "$threads" --project-dir "$folder/project"
  timed peer "$environment/bin/python" "$bench/peer_council.py" "$data" "$folder/peer" "$threads"
done
"$environment/bin/python" - "$measured" <<'PYTHON'
import collections
import statistics
import sys

seconds = collections.defaultdict(list)
peak = collections.defaultdict(int)
for line in open(sys.argv[1], encoding='utf-8'):
    name, time, memory = line.rstrip('\n').split('\t')[:3]
    seconds[name].append(float(time))
    peak[name] = max(peak[name], int(float(memory)))
ours, theirs = statistics.median(seconds['bullion']), statistics.median(seconds['peer'])
print(f'landing to bronze: {ours:.1f} s, the script {theirs:.1f} s: {ours / theirs:.2f}x (at most 1.5)')
print(f'peak memory: {peak["bullion"]} and {peak["peer"]} MiB')
PYTHON
