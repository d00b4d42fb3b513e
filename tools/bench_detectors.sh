#!/usr/bin/env bash
# How good the detectors of the spend project are: on planted anomalies of seeds that nothing was tuned on, and on the
# payments of a council with duplicates put into them.
#
#   tools/bench_detectors.sh [PROGRAM]   EVENTS=100000 FIT=21 FIRST=101 LAST=120 DRAWS=10
#                                        BULLION_SHARED_DATA=<folder of public data>
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:-$root/build/release/bullion}")
data=${BULLION_SHARED_DATA:-$root/../shared/data}
folder=$root/build/bench_detectors
status=0

printf 'Planted anomalies, seeds %s to %s, scores calibrated on seed %s alone\n' "${FIRST:-101}" "${LAST:-120}" "${FIT:-21}"
python3 "$root/test/bench/planted_anomalies.py" "$program" "$folder/planted" "${EVENTS:-100000}" "${FIT:-21}" \
  "${FIRST:-101}" "${LAST:-120}" || status=1
printf '\nPayments of Manchester, 50 duplicates put into them in each draw\n'
python3 "$root/test/bench/council_ledger.py" "$program" "$data" "$folder/manchester" "${DRAWS:-10}" || status=1
printf '\nPayments of other publishers, 50 duplicates put into them in each draw\n'
python3 "$root/test/bench/other_ledgers.py" "$program" "$data" "$folder/others" 5 || status=1
exit "$status"
