#!/bin/sh
# A MariaDB of one's own: private-mariadb.sh DIR [option of mariadbd ...]
#
# Makes a data directory below DIR if there is none, and becomes (exec) the server upon it, in the foreground, with an
# empty database `dictd` and the account root without a password. Only a unix socket, only for those who may enter
# DIR; its path stands in DIR/socket (it is DIR/mariadb.sock unless that is too long for a socket). Log: DIR/mariadb.log.
# End it by SIGTERM; the data stays for the next time. It neither reads nor touches the system's MariaDB or its options.
# As root it becomes the owner of DIR, or `nobody` where DIR is root's, if that user can reach DIR.
# shellcheck disable=SC2086  # $as is a command of several words, or none
set -eu

fail() { echo "private-mariadb.sh: $*" >&2; exit 1; }

[ $# -ge 1 ] || fail "usage: private-mariadb.sh DIR [option of mariadbd ...]"
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
shift
server=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v mariadbd) ||
  fail "there is no mariadbd: install mariadb-server-core and mariadb-client-core"

# Who to be.
as=
user=$(id -un 2>/dev/null || id -u)
if [ "$(id -u)" = 0 ]; then
  [ "$(stat -c %u "$dir")" != 0 ] || chown nobody "$dir"
  user=$(stat -c %U "$dir")
  as="setpriv --reuid=$user --regid=$(id -g "$user") --init-groups --pdeathsig=keep"
  if $as test -w "$dir"; then
    chown -R "$user" "$dir"
  else  # a directory above is closed to that user
    user=root as=
    chown root "$dir"
  fi
fi
chmod 700 "$dir"

exec 9>"$dir/lock"  # held for as long as the server lives
flock -n 9 || fail "$dir is in use by another server"

# sockaddr_un takes 107 bytes; the path found the last time is used again.
socket=$dir/mariadb.sock
if [ "$(printf %s "$socket" | wc -c)" -gt 107 ]; then
  socket=$(cat "$dir/socket" 2>/dev/null || :)
  [ "$(stat -c %U "${socket%/*}" 2>/dev/null)" = "$user" ] || socket=$(mktemp -d /tmp/dictd-XXXXXX)/mariadb.sock
  if [ "$user" != "$(id -un)" ]; then chown "$user" "${socket%/*}"; fi
fi

mkdir -p "$dir/tmp"
echo "$socket" >"$dir/socket"
echo "CREATE DATABASE IF NOT EXISTS dictd DEFAULT CHARACTER SET utf8mb4;" >"$dir/init.sql"
if [ -n "$as" ]; then chown "$user" "$dir/tmp"; fi

if ! [ -d "$dir/data" ]; then
  rm -rf "$dir/data.new"
  $as mariadb-install-db --no-defaults --datadir="$dir/data.new" --tmpdir="$dir/tmp" --skip-test-db --skip-name-resolve \
    --auth-root-authentication-method=normal --innodb-log-file-size=64M >"$dir/install.log" 2>&1 9>&- ||
    fail "no data directory could be made: see $dir/install.log"
  mv "$dir/data.new" "$dir/data"
fi

exec $as "$server" --no-defaults --user="$user" --datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$socket" \
  --pid-file="$dir/mariadb.pid" --log-error="$dir/mariadb.log" --init-file="$dir/init.sql" \
  --skip-networking --skip-name-resolve --skip-log-bin --character-set-server=utf8mb4 --max-connections=100 --table-open-cache=200 \
  --innodb-buffer-pool-size=128M --innodb-log-file-size=64M --key-buffer-size=1M --aria-pagecache-buffer-size=8M "$@"
