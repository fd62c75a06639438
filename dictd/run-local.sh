#!/bin/sh
# `make run`: a dictionary of your own, below BUILD/run: run-local.sh BUILD ADDR:PORT
#
# Brings up a private MariaDB, applies the schema, loads the wordbook, starts dictd, and opens dictcli if this is a
# terminal; else it stays until it is stopped. Leaving stops all that was started; the data stays for the next time.
# Logs: BUILD/run/dictd.log and BUILD/run/db/mariadb.log.
set -eu
build=$1 listen=$2
here=$(dirname "$0")
run=$build/run
host=${listen%:*} port=${listen##*:}
mkdir -p "$run"

dictd= database=
# shellcheck disable=SC2317  # called by the traps
leave() {
  status=$?
  trap - EXIT INT TERM HUP
  for child in $dictd $database; do
    kill "$child" 2>/dev/null || :
    wait "$child" 2>/dev/null || :
  done
  # A path too long for a socket: private-mariadb.sh made it a directory in /tmp.
  case ${socket:-} in /tmp/dictd-??????/mariadb.sock) rm -rf "${socket%/*}" ;; esac
  exit $status
}
trap leave EXIT
trap 'exit 0' INT TERM HUP

fail() { echo "make run: $*" >&2; exit 1; }
# In sessions of their own: a Ctrl-C for dictcli is none for them. They end with this script, however it ends.
apart() { exec setpriv --pdeathsig TERM setsid "$@"; }

(apart sh "$here/private-mariadb.sh" "$run/db") >"$run/mariadb.out" 2>&1 &
database=$!
sql() { mariadb --no-defaults --user=root --socket="$(cat "$run/db/socket" 2>/dev/null)" "$@" 2>/dev/null; }
until sql -e "" dictd; do
  kill -0 "$database" 2>/dev/null || fail "MariaDB did not start: $(cat "$run/mariadb.out") (log: $run/db/mariadb.log)"
  sleep 0.1
done
socket=$(cat "$run/db/socket")
sql dictd <"$here/../schema.sql" || fail "schema.sql cannot be applied to the database below $run/db"
"$build/dictload" --db-socket "$socket" --db-user root --dictionary basic --title "English–Chinese basics" \
  "$here/../words/dict.txt"

: >"$run/dictd.log"
(apart "$build/dictd" --listen "$listen" --state-dir "$run/state" --db-socket "$socket" --db-user root) 2>"$run/dictd.log" &
dictd=$!
until grep -q "listening on" "$run/dictd.log"; do
  if ! kill -0 "$dictd" 2>/dev/null; then
    cat "$run/dictd.log" >&2
    fail "dictd did not start. If the port is taken, choose another: make run LISTEN=127.0.0.1:9999"
  fi
  sleep 0.1
done

if [ -t 0 ] && [ -t 1 ]; then
  trap : INT  # is dictcli's
  "$build/dictcli" --host "$host" --port "$port" || :
else
  echo "dictd listens on $listen; look words up with: $build/dictcli --host $host --port $port"
  echo "It runs until this is stopped (SIGTERM or Ctrl-C)."
  wait "$dictd" || fail "dictd ended by itself: $(tail -n 1 "$run/dictd.log")"
fi
