#!/bin/sh
# Installs what the tests need and is missing: the browser engines Chromium, Firefox and WebKitGTK, a Redis with TLS, and PgBouncer.
set -eu

missing() { # the packages that bring what is not there
    first chromium-headless-shell chromium chromium-browser google-chrome || echo chromium-headless-shell fonts-dejavu-core
    first firefox-esr || echo firefox-esr
    first WebKitWebDriver || echo webkit2gtk-driver
    first Xvfb || echo xvfb
    first certutil || echo libnss3-tools
    first pgbouncer /usr/sbin/pgbouncer || echo pgbouncer
    first redis-server redis-check-rdb || echo redis-tools # the server is in it, and no service is started
}
first() {
    for command; do command -v "$command" >/dev/null && return; done
    return 1
}

packages=$(missing | tr '\n' ' ')
[ -n "$packages" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Not here, and only root on a machine with apt can install it: $packages(by Debian's names)" >&2
    echo "Tests in Firefox and WebKitGTK, of Redis by TLS, and through PgBouncer, are skipped without these; all others need Chromium." >&2
    first chromium-headless-shell chromium chromium-browser google-chrome
    exit
fi
echo "Installing for the tests: $packages" >&2
apt-get update -qq
# shellcheck disable=SC2086 # a list
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
packages=$(missing | tr '\n' ' ')
[ -z "$packages" ] || { echo "Installed, and still not here: $packages" >&2; exit 1; }
