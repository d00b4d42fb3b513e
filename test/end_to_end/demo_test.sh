#!/usr/bin/env bash
# The demo runs, and prints the known answer of the sample, the diff and the quarantined line.
#   demo_test.sh PROGRAM FOLDER
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=$(realpath "$1")
folder=$2
output=$(NO_COLOR=1 "$root/tools/demo.sh" "$program" "$folder")
printf '%s\n' "$output"

failures=0
# check WHAT WANTED ACTUAL
check() {
  if [[ $3 != "$2" ]]; then
    printf 'demo_test: %s: expected %s, got %s\n' "$1" "$2" "$3" >&2
    failures=$((failures + 1))
  fi
}

cd "$folder"
cost() {
  "$program" query --output csv "SELECT CAST(sum(total_cost_usd) AS DECIMAL(18,2)) AS c
    FROM daily_account_cost WHERE account_id = '$1' AND usage_date = DATE '$2'" | tail -n 1
}
check "cost of A1 on 2025-01-01" 15.00 "$(cost A1 2025-01-01)"
check "cost of A2 on 2025-01-01" 7.00 "$(cost A2 2025-01-01)"
check "releases" 2 "$("$program" releases --output csv | tail -n +2 | grep -c .)"
check "quarantined lines" 1 "$("$program" quarantine list --output csv | tail -n +2 | grep -c .)"
grep -q 2025-01-03 <<<"$("$program" diff 1 2)" || check "the diff names 2025-01-03" yes no
exit $((failures > 0))
