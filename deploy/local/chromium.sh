#!/bin/sh
# Installs Chromium for the browser tests if it is missing.
set -eu
have() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
have >/dev/null && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The browser tests need Chromium: install your distribution's package (Debian: apt-get install chromium)" >&2
    exit 1
fi
echo "Installing Chromium for the browser tests" >&2
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >&2
have >/dev/null || { echo "The package chromium brought no browser" >&2; exit 1; }
