# Sourced by the benchmarks, which set `bench` to test/bench: makes the Python environment with the
# peer's pinned packages once, and sets `environment` to its folder.
# shellcheck shell=bash
deps=${BULLION_DEPS:-${HOME:?HOME is not set}/.cache/bullion/deps}
environment=$deps/bench-python-$(sha256sum "${bench:?}/requirements.txt" | cut -c1-12)
if [[ ! -e $environment/complete ]]; then
  printf 'bench: installing the peer into %s\n' "$environment" >&2
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --require-hashes --requirement "$bench/requirements.txt"
  touch "$environment/complete"
fi
