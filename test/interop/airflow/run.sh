#!/usr/bin/env bash
# Exported schedules in the hands of those they are for: test/interop/airflow/run.sh [PROGRAM [PYTEST ARGUMENTS]]
# Installs Apache Airflow and an SMTP server, pinned, once, into ~/.cache/bullion/deps (or BULLION_DEPS). Airflow
# wants older packages than the foreign readers do, so it has an environment of its own.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
program=$(realpath "${1:-$root/build/release/bullion}")
shift || true
deps=${BULLION_DEPS:-${HOME:?HOME is not set}/.cache/bullion/deps}

environment=$deps/airflow-python-$(sha256sum "$here/requirements.txt" | cut -c1-12)
if [[ ! -e $environment/complete ]]; then
  printf 'interop: installing Airflow into %s (about 150 MB to fetch, once)\n' "$environment" >&2
  rm -rf "$environment"
  "${PYTHON:-python3}" -m venv "$environment"
  for attempt in 1 2 3; do
    if "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
      --require-hashes --requirement "$here/requirements.txt"; then break; fi
    if [[ $attempt == 3 ]]; then exit 1; fi
    sleep $((attempt * 3))
  done
  touch "$environment/complete"
fi

work=$root/build/interop/airflow
rm -rf "$work"
mkdir -p "$work/dags"
export BULLION_PROGRAM=$program AIRFLOW_HOME=$work PYTHONDONTWRITEBYTECODE=1 PATH=$environment/bin:$PATH
export AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__CORE__DAGS_FOLDER=$work/dags AIRFLOW__CORE__UNIT_TEST_MODE=False
export AIRFLOW__LOGGING__LOGGING_LEVEL=WARNING AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
cd "$work"
exec "$environment/bin/python" -m pytest -p no:cacheprovider --rootdir "$here" "$@" "$here"
