#!/usr/bin/env bash
# Starts a PostgreSQL server of its own, runs a command with BULLION_TEST_POSTGRES naming it, and
# stops it: test/interop/postgres/run.sh COMMAND [ARGUMENTS]
# The server listens on a socket in a temporary folder alone, so it takes no port.
set -euo pipefail

say() { printf 'postgres: %s\n' "$*" >&2; }
bin=$(pg_config --bindir)
if [[ ! -x $bin/initdb ]]; then
  say "there is no PostgreSQL server in $bin; run tools/setup.sh interop"
  exit 2
fi

folder=$(mktemp -d /tmp/bullion-postgres-XXXXXX)
user=$(id -un)
# PostgreSQL refuses to run as root.
as_user=()
if [[ $(id -u) == 0 ]]; then
  user=postgres
  chown "$user" "$folder"
  as_user=(setpriv "--reuid=$user" "--regid=$user" --init-groups env "HOME=$folder")
fi
stop() {
  (cd "$folder" && "${as_user[@]}" "$bin/pg_ctl" stop -D "$folder/data" -m immediate -s) || true
  rm -rf "$folder"
}
trap stop EXIT

cd "$folder"
"${as_user[@]}" "$bin/initdb" -D "$folder/data" -A trust -U "$user" -E UTF8 --locale=C.UTF-8 >"$folder/log" 2>&1 || {
  cat "$folder/log" >&2
  exit 2
}
"${as_user[@]}" "$bin/pg_ctl" start -D "$folder/data" -w -s -l "$folder/data/server.log" \
  -o "-c listen_addresses= -c unix_socket_directories=$folder -c max_connections=50" || {
  cat "$folder/data/server.log" >&2
  exit 2
}
chmod 755 "$folder"
cd - >/dev/null
BULLION_TEST_POSTGRES="postgresql:///postgres?host=$folder&user=$user" "$@"
