#!/bin/sh
# Makes a virtual environment in $1 with the first Python from 3.11 on; PYTHON=... chooses another.
set -eu
venv=$1
if [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi
for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info)' >/dev/null 2>&1; then
        if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            echo "$python lacks the venv module (Debian and Ubuntu have it in python3-venv); looking further" >&2
            continue
        fi
        echo "environment: $("$python" --version) in $venv"
        rm -rf "$venv"
        exec "$python" -m venv "$venv"
    fi
done
echo "no Python from 3.11 on with venv and pip was found; name one: make PYTHON=/path/to/python3 ..." >&2
exit 1
