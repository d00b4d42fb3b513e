#!/usr/bin/env bash
# Reads what Bullion wrote with deltalake, chdb and Spark + Delta, and compares its FOCUS verdicts with those of the
# FinOps Foundation's validator: test/interop/run.sh [PROGRAM [PYTEST ARGUMENTS]]
# Installs their pinned versions once, into ~/.cache/bullion/deps (or BULLION_DEPS).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
program=$(realpath "${1:-$root/build/release/bullion}")
shift || true
deps=${BULLION_DEPS:-${HOME:?HOME is not set}/.cache/bullion/deps}
python=${PYTHON:-python3}

say() { printf 'interop: %s\n' "$*" >&2; }
retry() {
  local attempt
  for attempt in 1 2 3; do
    if "$@"; then return 0; fi
    say "attempt $attempt of 3 failed: $1"
    sleep $((attempt * 3))
  done
  return 1
}
key_of() { sha256sum "$@" | sha256sum | cut -c1-12; }

# A Python environment per content of a requirements file, complete when its stamp exists.
install() {  # ENVIRONMENT REQUIREMENTS WHAT
  if [[ -e $1/complete ]]; then return 0; fi
  say "installing $3 into $1 (once)"
  rm -rf "$1"
  "$python" -m venv "$1"
  retry "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --require-hashes --requirement "$2"
  touch "$1/complete"
}
environment=$deps/interop-python-$(key_of "$here/requirements.txt")
install "$environment" "$here/requirements.txt" "the foreign readers, about 500 MB,"
focus=$deps/interop-focus-$(key_of "$here/requirements-focus.txt")
install "$focus" "$here/requirements-focus.txt" "the FOCUS validator"
api=$deps/interop-api-$(key_of "$here/requirements-api.txt")
install "$api" "$here/requirements-api.txt" "what asks the server by its own description"
openlineage=$deps/interop-openlineage-$(key_of "$here/requirements-openlineage.txt")
install "$openlineage" "$here/requirements-openlineage.txt" "the client of OpenLineage"

jars=$deps/interop-jars-$(key_of "$here/pom.xml" "$here/jars.sha256")
if [[ ! -e $jars/complete ]]; then
  say "fetching the Delta jars into $jars"
  rm -rf "$jars"
  mkdir -p "$jars"
  retry mvn --quiet --batch-mode -Dstyle.color=never --file "$here/pom.xml" -DoutputDirectory="$jars" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies
  (cd "$jars" && sha256sum --check --quiet "$here/jars.sha256")
  touch "$jars/complete"
fi

# Spark wants Java 17; another may be the machine's default.
if ! { "${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 || true; } | grep -q '"17\.'; then
  for candidate in /usr/lib/jvm/java-17-*; do
    if [[ -x $candidate/bin/java ]]; then export JAVA_HOME=$candidate; fi
  done
fi

export TZ=UTC SPARK_LOCAL_IP=127.0.0.1 PYTHONDONTWRITEBYTECODE=1
export BULLION_FOCUS_PYTHON=$focus/bin/python BULLION_API_PYTHON=$api/bin/python \
  BULLION_OPENLINEAGE_PYTHON=$openlineage/bin/python
export BULLION_PROGRAM=$program BULLION_INTEROP_JARS=$jars BULLION_INTEROP_FOLDER=$root/build/interop
mkdir -p "$BULLION_INTEROP_FOLDER"
# chdb reads files below the current folder only.
cd "$BULLION_INTEROP_FOLDER"
exec "$environment/bin/python" -m pytest -p no:cacheprovider --rootdir "$here" --durations=5 \
  --ignore "$here/airflow" "$@" "$here"
