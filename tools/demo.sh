#!/usr/bin/env bash
# The demo: a cloud bill in two batches, the second with a correction, a late event and a bad line.
#
#   tools/demo.sh [PROGRAM [FOLDER]]      FOLDER is made anew (build/demo)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:-$root/build/release/bullion}")
folder=${2:-$root/build/demo}

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' plain=$'\e[0m'; else bold="" plain=""; fi
heading() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
# Prints a command as a user would type it, then runs it.
run() {
  printf '%s$ bullion %s%s\n' "$bold" "$*" "$plain"
  "$program" "$@"
}

if [[ -e $folder && ! -e $folder/bullion.yml ]]; then
  printf 'demo: %s is there and is no Bullion project; name another folder\n' "$folder" >&2
  exit 2
fi
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"

heading "A new project from the template inside the program"
run init cloud_cost "$folder"
cd "$folder"
mkdir -p incoming

heading "The first batch of billing files arrives"
cp samples/batch1/*.csv incoming/
run run
run show daily_account_cost

heading "The second batch: one corrected event, one late event, one malformed line"
cp samples/batch2/*.csv incoming/
run run
run show daily_account_cost

heading "What changed between the two releases, and why"
run diff 1 2

heading "The line that could not be read; nothing is lost"
run quarantine list

heading "Go on from here: cd $folder, and put $(dirname "$program") on your PATH"
cat <<'TEXT'
bullion releases                     # history: when, who, what, how much money changed
bullion trace daily_account_cost account_id=A1 usage_date=2025-01-01    # down to file, record, line
bullion query "SELECT service_name, sum(cost_usd) AS cost_usd FROM billing_events GROUP BY service_name"
bullion show daily_account_cost --release 1
bullion verify                       # rebuild the release from its files: every hash is equal
bullion generate cloud_cost --events 1000000 --days 90 --seed 7 --to incoming/ && bullion run
bullion serve                        # dashboards and the API at http://127.0.0.1:8501
TEXT
