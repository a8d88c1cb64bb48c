"""Build the wheel, and install and run it on every Python from 3.11 to 3.14 that is here.

Each Python gets a fresh environment, makes one chest film from the examples, and must make the same bytes as the
others. For a Python that is not here, its packages are only looked up. Exit 1 if anything fails.

usage: python tools/wheels.py [VERSION ...]      e.g. 3.12
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
PATIENT = "968d97e4-c13c-221c-2cd3-b8bcf4a6d70a"
"""A patient of the examples with nothing but chest films."""


def run(*command: object) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it says."""
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)


def interpreter(version: str) -> Path | None:
    """Return a Python of that version: the one running, on the path, or among pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    named = shutil.which(f"python{version}")
    found = [
        Path(sys.executable),
        *([Path(named)] if named else []),
        *sorted(pyenv.glob(f"{version}.*/bin/python")),
    ]
    says = "import sys; print('%d.%d' % sys.version_info[:2])"
    return next((p for p in found if run(p, "-c", says).stdout.strip() == version), None)


def wheel(folder: Path) -> Path:
    """Build the wheel, from nothing that an earlier build left."""
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    done = run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return next(folder.glob("*.whl"))


def installed(python: Path, built: Path, folder: Path) -> str:
    """Install the wheel into a fresh environment and make a study with it; returns what went wrong."""
    home = folder / "environment"
    out = folder / "dicom"
    study = ["--patient-id", PATIENT, "--dicom-dir", out]
    steps = (
        (python, "-m", "venv", home),
        (home / "bin" / "python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:", built),
        (home / "bin" / "fhir2dicom", "--version"),
        (home / "bin" / "fhir2dicom", "generate", ROOT / "examples" / "synthea", *study),
    )
    for step in steps:
        done = run(*step)
        if done.returncode:
            return f"{' '.join(map(str, step[:4]))}: {(done.stderr or done.stdout).strip()}"
    return "" if list(out.rglob("*.dcm")) else "no file was made"


def resolved(version: str, built: Path, folder: Path) -> str:
    """Look up whether wheels of all dependencies exist for a Python that is not here."""
    asked = (
        "--dry-run",
        "--quiet",
        "--only-binary",
        ":all:",
        "--python-version",
        version,
        "--target",
        folder / "no",
    )
    done = run(sys.executable, "-m", "pip", "install", *asked, built)
    return done.stderr.strip() if done.returncode else ""


def main() -> int:
    """Try each version and print a line for it."""
    failures = 0
    first: Path | None = None
    with tempfile.TemporaryDirectory() as name:
        built = wheel(Path(name))
        print(f"{built.name}: {built.stat().st_size / 1e6:.1f} MB")
        for version in sys.argv[1:] or VERSIONS:
            folder = Path(name) / version
            folder.mkdir()
            python = interpreter(version)
            wrong = installed(python, built, folder) if python else resolved(version, built, folder)
            if python and not wrong:
                first = first or folder
                wrong = run("diff", "-rq", "--exclude=*.lock", first / "dicom", folder / "dicom").stdout
            well = "installs, and makes the same bytes" if python else "not here; all its packages exist"
            print(f"Python {version}: {wrong or well}", flush=True)
            failures += bool(wrong)
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
