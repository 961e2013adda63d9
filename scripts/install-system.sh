#!/bin/sh
# What the browser tests need from the system: Chromium. Installed where we may, named where not.
# PostgreSQL comes with the test requirements on Linux, as a wheel.
set -eu

browser() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    [ -d "/Applications/Google Chrome.app" ] || [ -d "/Applications/Chromium.app" ]
}

browser && exit 0

if command -v apt-get >/dev/null 2>&1; then
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "The browser tests need Chromium: sudo apt-get install chromium" >&2
            exit 0
        fi
        as_root="sudo"
    fi
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends \
        chromium fonts-dejavu-core >/dev/null
elif command -v brew >/dev/null 2>&1; then
    brew install --quiet --cask chromium
else
    echo "The browser tests need Chromium: install it by your package manager." >&2
fi
