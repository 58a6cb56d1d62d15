#!/bin/sh
# Makes .venv-bench (product, peers and generator in one) and installs node's packages.
set -eu
cd "$(dirname "$0")/.."

PATH=$PATH:$PWD/.venv/bin # for node and npm, where the system has none

say() { printf '%s\n' "$*" >&2; }
fail() { say "Cannot set up the benchmark: $*"; exit 1; }

venv=.venv-bench
lock=bench/requirements.lock
chat=bench/peers/node_chat

if ! $venv/bin/python -c 'import pip' 2>/dev/null; then
    base=$(.venv/bin/python -c 'import sys; print(sys._base_executable)') || fail "there is no .venv: make bench makes it"
    say "Making $venv"
    "$base" -m venv --clear $venv || fail "python -m venv failed"
fi

wanted=$(cksum $lock)
if [ "$(cat $venv/duet-python 2>/dev/null)" != "$wanted" ]; then
    say "Installing what $lock lists (once; a minute or so)"
    $venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $lock >&2 ||
        fail "pip could not install $lock (see above)"
    printf '%s\n' "$wanted" >$venv/duet-python
fi

wanted=$(cksum $chat/package-lock.json)
if [ "$(cat $chat/node_modules/.duet 2>/dev/null)" != "$wanted" ]; then
    say "Installing what $chat/package-lock.json lists"
    (cd $chat && npm ci --no-audit --no-fund --loglevel=error >&2) || fail "npm could not install $chat (see above)"
    printf '%s\n' "$wanted" >$chat/node_modules/.duet
fi
