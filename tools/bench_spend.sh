#!/usr/bin/env bash
# Measures the spend template on 1.5 million real payments of six publishers, in one run on this machine: reading and
# typing the files; files to findings and cases; and one more month.
#
#   tools/bench_spend.sh [PROGRAM]     BULLION_SHARED_DATA=<folder of public data>   THREADS=<all cores>
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:-$root/build/release/bullion}")
data=${BULLION_SHARED_DATA:-$root/../shared/data}/spend/uk_council_spending
threads=${THREADS:-$(nproc)}
folder=$root/build/bench_spend
bodies=(darlington greater_london_authority leeds_raw manchester network_rail salford)

[[ -d $data ]] || {
  printf 'bench: %s is not there; set BULLION_SHARED_DATA to the folder of public data\n' "$data" >&2
  exit 2
}
rm -rf "$folder"
mkdir -p "$folder/read/models"

add_sources() { # PROJECT
  mkdir -p "$1/sources" "$1/incoming"
  for file in "$root"/test/end_to_end/council_sources/*.yml; do
    [[ $file == *birmingham* ]] || sed 's/^    config:$/    config:\n      identity: occurrence/' "$file" >"$1/sources/${file##*/}"
  done
  for body in "${bodies[@]}"; do
    mkdir "$1/incoming/$body"
    cp "$data/$body"/*.gz "$1/incoming/$body/"
  done
}

# Seconds of a run, from its start to its end.
seconds_of() { # PROJECT
  local start end
  start=$(date +%s%N)
  "$program" run --quiet --threads "$threads" --project-dir "$1" >"$1.log" 2>&1
  if [[ -d $1/detectors ]]; then "$program" detect --quiet --project-dir "$1" >>"$1.log" 2>&1; fi
  end=$(date +%s%N)
  awk -v ns=$((end - start)) 'BEGIN { printf "%.2f", ns / 1e9 }'
}

printf 'name: read\ncurrency: GBP\ntargets:\n  dev: {lake: lake}\n' >"$folder/read/bullion.yml"
add_sources "$folder/read"

"$program" init spend "$folder/spend" >/dev/null
(
  cd "$folder/spend"
  find . \( -name '*.yml' -o -name '*.csv' -o -name '*.sql' \) -exec sed -i 's/\bEUR\b/GBP/g' {} +
  rm sources/raw_invoices.yml
  cp "$root/test/bench/spend_council/ledger.sql" macros/
  cp "$root/test/bench/spend_council/invoice_lines.sql" models/silver/
  # The template's lines have versions; these files are never corrected.
  sed -i '/name: invoice_lines$/,/columns:/{s/kind: latest/kind: append/;/unique_key:\|version_by:\|withdrawn:\|conserves:/d}' models/silver/schema.yml
)
add_sources "$folder/spend"
last=$(find "$folder/spend/incoming/manchester" -name '*.gz' | sort | tail -n 1)
mv "$last" "$folder/"

reading=$(seconds_of "$folder/read")
whole=$(seconds_of "$folder/spend")
mv "$folder/${last##*/}" "$last"
month=$(seconds_of "$folder/spend")
awk -v reading="$reading" -v whole="$whole" -v month="$month" 'BEGIN {
  printf "reading and typing: %.1f s\n", reading
  printf "files to cases: %.1f s, %.2fx of reading and typing (at most 2)\n", whole, whole / reading
  printf "one more month: %.1f s, %.1f %% of the whole (at most 10)\n", month, 100 * month / whole
}'
"$program" query --project-dir "$folder/spend" "SELECT table_name, duration_us // 1000 AS ms FROM ops.steps WHERE
  run_id = (SELECT max(run_id) FROM ops.runs) AND duration_us > 250000 ORDER BY duration_us DESC"
