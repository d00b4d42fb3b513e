#!/usr/bin/env bash
# Measures the banking template against a DuckDB script by hand that does the same work: CSV to postings and the
# five marts, one late day, and the query of the category page, cold and warm.
#
#   tools/bench_banking.sh [PROGRAM]      EVENTS=10000000 DAYS=366 CUSTOMERS=4000 THREADS=<all cores>
#
# The numbers are ratios: a time alone says little.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:-$root/build/release/bullion}")
events=${EVENTS:-10000000}
days=${DAYS:-366}
customers=${CUSTOMERS:-4000}
threads=${THREADS:-$(nproc)}
folder=$root/build/bench_banking
bench=$root/test/bench

# shellcheck source=bench_timed.sh
source "$root/tools/bench_timed.sh"

say "generating $events transactions of $days days"
"$program" init banking "$folder/bank" >/dev/null
cd "$folder/bank"
"$program" generate banking --events "$events" --days "$days" --customers "$customers" --seed 7 --to incoming/ \
  >"$folder/generate.log" 2>&1
# One day arrives late.
mkdir "$folder/late"
mv "$(find incoming -name 'transactions-*.csv' | sort | tail -n 30 | head -n 1)" "$folder/late/"

timed peer "$environment/bin/python" "$bench/peer_banking.py" "$folder/bank" "$folder/peer" --threads "$threads"
timed full "$program" run
"$environment/bin/python" "$bench/banking_figures.py" compare "$program" "$folder/bank" "$folder/peer"
timed nothing_new "$program" run
mv "$folder"/late/* incoming/
timed late "$program" run
"$environment/bin/python" "$bench/banking_figures.py" query "$program" "$folder/bank" "$measured"
"$environment/bin/python" "$bench/banking_figures.py" report "$measured"
