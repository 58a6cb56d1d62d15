#!/bin/sh
# Makes .venv-bench (product, peers and generator in one) and node's packages, unless that is done.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
fail() { say "Cannot set up the benchmark: $*"; exit 1; }

venv=.venv-bench
lock=bench/requirements.lock
chat=bench/peers/node_chat

if ! $venv/bin/python -c 'import pip' 2>/dev/null; then
    say "Making $venv"
    .venv/bin/python -c 'import sys; print(sys._base_executable)' >/dev/null 2>&1 || fail "run make setup first"
    "$(.venv/bin/python -c 'import sys; print(sys._base_executable)')" -m venv --clear $venv || fail "python -m venv failed"
fi

stamp=$venv/duet-bench
wanted=$(cksum $lock $chat/package-lock.json)
[ "$(cat $stamp 2>/dev/null)" = "$wanted" ] && exit 0

say "Installing what $lock lists (once; a minute or so)"
$venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $lock >&2 ||
    fail "pip could not install $lock (see above)"
command -v npm >/dev/null || fail "the Socket.IO peer needs node and npm: install your distribution's nodejs"
say "Installing what $chat/package-lock.json lists"
(cd $chat && npm ci --no-audit --no-fund --loglevel=error >&2) || fail "npm could not install $chat (see above)"
printf '%s\n' "$wanted" >$stamp
