"""The same bytes, whatever happens: runs a source again, in other orders and processes, killed and resumed.

usage: python benchmarks/equality.py [SOURCE] [--kills 20] [--config FILE]

Each line names a run and the hash of the tree it left: every file's path and bytes, manifests included. Exit 1 if any
differs from the first.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = Path(sys.executable).with_name("fhir2dicom")


def tree(folder: Path) -> str:
    """Return a hash of every path and byte below a folder, lock files aside."""
    total = hashlib.blake2b(digest_size=12)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock"):
        total.update(str(path.relative_to(folder)).encode() + b"\0")
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "blake2b").digest())
    return total.hexdigest()


def reversed_source(source: Path, folder: Path) -> Path:
    """Return a copy of a folder of NDJSON with the lines of every file in reverse."""
    copy = folder / "reversed"
    copy.mkdir()
    for path in sorted(source.iterdir()):
        if ".ndjson" in path.suffixes:
            text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            lines = [line for line in text.splitlines() if line.strip()]
            (copy / path.name.removesuffix(".gz")).write_bytes(b"\n".join(reversed(lines)) + b"\n")
    return copy


def generate(source: Path, out: Path, extra: list[str], workers: int) -> subprocess.Popen[bytes]:
    """Start a run in a process group of its own."""
    command = [COMMAND, "generate", source, "--dicom-dir", out, "--workers", str(workers), "--json", *extra]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(list(map(str, command)), start_new_session=True, **quiet)


def finished(process: subprocess.Popen[bytes]) -> None:
    """Wait for a run to end well: all made, or some named as not made."""
    if process.wait() not in {0, 1}:
        raise SystemExit(f"generate ended with {process.returncode}")


def main() -> int:
    """Run everything in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "source", type=Path, nargs="?", default=Path(__file__).parents[1] / "examples" / "synthea"
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--config", type=Path)
    args = parser.parse_args()
    extra = ["--config", str(args.config)] if args.config else []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hashes: dict[str, str] = {}

        def note(what: str, out: Path) -> None:
            hashes[what] = tree(out)
            print(f"{hashes[what]}  {what}", flush=True)

        began = time.monotonic()
        finished(generate(args.source, folder / "first", extra, 1))
        took = time.monotonic() - began
        note("first run, 1 worker", folder / "first")
        finished(generate(args.source, folder / "first", extra, 1))
        note("the same folder again", folder / "first")
        finished(generate(args.source, folder / "two", extra, 2))
        note("2 workers", folder / "two")
        finished(generate(reversed_source(args.source, folder), folder / "back", extra, 2))
        note("reversed order, 2 workers", folder / "back")
        for k in range(args.kills):
            out = folder / f"kill{k}"
            workers = 1 + k % 2
            run = generate(args.source, out, extra, workers)
            time.sleep(took * (k + 1) / (args.kills + 1) / workers)
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            files = sum(1 for _ in out.rglob("*.dcm")) if out.exists() else 0
            finished(generate(args.source, out, extra, workers))
            note(f"killed -9 at {files} files, resumed, {workers} worker{'s' * (workers > 1)}", out)
            subprocess.run(["rm", "-rf", out], check=True)
    return int(len(set(hashes.values())) != 1)


if __name__ == "__main__":
    sys.exit(main())
