#!/usr/bin/env bash
# The pages of web/ with the Node.js and packages that tools/setup.sh installed.
#
#   tools/web.sh build FOLDER    the files that the program carries, into FOLDER
#   tools/web.sh check           types, house rules and unit tests
#   tools/web.sh e2e PROGRAM     a browser drives the server of PROGRAM
#   tools/web.sh bench PROGRAM PROJECT   how long the pages of a large PROJECT take in a browser
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ ! -d $root/web/node_modules/vite ]]; then
  echo "web: the packages of web/ are missing; run tools/setup.sh" >&2
  exit 2
fi
PATH=$("$root/tools/setup.sh" node):$PATH
export PATH
# Names are relative to where the caller stands.
if [[ -n ${2:-} ]]; then target=$(realpath -m "$2"); fi
if [[ -n ${3:-} ]]; then project=$(realpath -m "$3"); fi
cd "$root/web"

case ${1:-} in
  build)
    # Two presets may build at once; the generated client is one file for both.
    exec 9>node_modules/.bullion-build
    flock 9
    export BULLION_WEB_OUT=${target:?a folder is needed}
    npm run --silent generate >/dev/null
    node_modules/.bin/vite build --logLevel warn
    ;;
  check) npm run --silent check ;;
  e2e)
    export BULLION=${target:?the program is needed}
    npm run --silent e2e
    ;;
  bench)
    export BULLION=${target:?the program is needed} BULLION_BENCH_PROJECT=${project:?a project is needed}
    npm run --silent generate >/dev/null
    node_modules/.bin/vitest run --config e2e/bench/vitest.config.ts --reporter dot
    ;;
  *)
    sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
