"""What dciodvfy and dcentvfy say of a folder: totals, and every kind of warning with its count.

usage: python benchmarks/validity.py FOLDER
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def said(command: list[str]) -> list[str]:
    """Return the lines that a judge prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # a system's may be years older
    environment = {**os.environ, "PATH": path}
    program = shutil.which(command[0], path=path) or command[0]
    done = subprocess.run(
        [program, *command[1:]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        errors="replace",
    )
    return (done.stdout + done.stderr).splitlines()


def kinds(lines: list[str]) -> Counter[str]:
    """Count errors and warnings, with what changes from file to file taken out."""
    found = (re.search(r"(Error|Warning) - .*", line) for line in lines)
    return Counter(
        re.sub(r"\d+\.[\d.]{8,}|<[^>]*>|\[[^]]*\]|'[^']*'|=\s*\S+$", "…", m[0]) for m in found if m
    )


def main() -> int:
    """Judge every file, and every study as a whole."""
    folder = Path(sys.argv[1])
    files = sorted(folder.rglob("*.dcm"))
    with ThreadPoolExecutor(2) as pool:
        each = sum(map(kinds, pool.map(lambda f: said(["dciodvfy", str(f)]), files)), Counter())
        studies = sorted({f.parents[1] for f in files})
        sets = [["dcentvfy", *map(str, sorted(s.rglob("*.dcm")))] for s in studies]
        whole = sum(map(kinds, pool.map(said, sets)), Counter())
    for judge, found, count in (("dciodvfy", each, len(files)), ("dcentvfy", whole, len(studies))):
        errors = sum(n for kind, n in found.items() if kind.startswith("Error"))
        print(f"{judge}: {count} {'files' if judge == 'dciodvfy' else 'studies'}, {errors} errors, ", end="")
        print(f"{found.total() - errors} warnings")
        for kind, n in found.most_common():
            print(f"  {n:7d}  {kind}")
    return int(any(kind.startswith("Error") for kind in (*each, *whole)))


if __name__ == "__main__":
    sys.exit(main())
