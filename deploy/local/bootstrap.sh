#!/bin/sh
# Makes .venv and installs a lock file into it, unless that is done: bootstrap.sh run|dev. For dev, node_modules too.
set -eu
cd "$(dirname "$0")/../.."

kind=${1:-run}
case $kind in
run) lock=requirements.lock ;;
dev) lock=requirements-dev.lock ;; # holds everything of the other one
*) echo "usage: $0 run|dev" >&2 && exit 2 ;;
esac

say() { printf '%s\n' "$*" >&2; }
fail() { say "Cannot set up: $*"; exit 1; }

wanted="Duet needs Python 3.11 to 3.14" # as pyproject.toml says: for 3.15 not all libraries have wheels
supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if supported "$name"; then
            command -v "$name"
            return
        fi
    done
    is=$("${PYTHON:-python3}" -c 'import sys; print("is %d.%d" % sys.version_info[:2])' 2>/dev/null) || is="does not run"
    fail "$wanted, and ${PYTHON:-python3} $is. Install one, or say where: make PYTHON=/path/to/python3.13"
}

# PostgreSQL, Valkey and others come as wheels, which there are for these alone.
need_platform() {
    case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-aarch64 | Darwin-arm64) ;;
    *) fail "Duet runs on Linux (x86-64, arm64) and macOS (Apple silicon), and this is $(uname -s) on $(uname -m)" ;;
    esac
    "$1" -c 'import sys, sysconfig; sys.exit("musl" in str(sysconfig.get_config_var("HOST_GNU_TYPE")))' ||
        fail "Duet needs a Linux with glibc, and $1 was made for musl (Alpine): take an image of Debian's"
}

# Debian takes the part of Python that makes virtual environments out into a package of its own.
need_venv_module() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing python$version-venv"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version-venv" >&2
        "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    fi
    fail "$1 cannot make virtual environments. On Debian and Ubuntu: apt-get install python$version-venv"
}

digest() {
    .venv/bin/python - "$1" <<'PY'
import hashlib, pathlib, sys
print(hashlib.sha256(pathlib.Path(sys.argv[1]).read_bytes()).hexdigest(), sys.version_info[:2])
PY
}

if ! { supported .venv/bin/python && .venv/bin/python -c 'import pip' 2>/dev/null; }; then
    python=$(find_python)
    need_platform "$python"
    need_venv_module "$python"
    say "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv || fail "python -m venv failed"
fi

stamp=.venv/duet-$kind
wanted=$(digest "$lock")
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    say "Installing what $lock lists (once; a minute or so)"
    .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r "$lock" >&2 ||
        fail "pip could not install $lock (see above)"
    printf '%s\n' "$wanted" >"$stamp"
    if [ "$kind" = dev ]; then
        digest requirements.lock >.venv/duet-run
    fi
fi
[ "$kind" = dev ] || exit 0

stamp=node_modules/.duet
wanted=$(digest package-lock.json)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    say "Installing what package-lock.json lists"
    .venv/bin/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
        fail "npm could not install package-lock.json (see above)"
    printf '%s\n' "$wanted" >"$stamp"
fi
