"""Add a modality, a region, a finding and a protocol to a copy of the package: what is touched, and that they are made.

usage: python benchmarks/extend.py
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pydicom

SRC = Path(__file__).parents[1] / "src"
PLUGS = Path(__file__).parent / "plugs"
ROW = '    replace(_ct("CT chest sharp", "chest", "bone", "Chest sharp", frames=40), words=("sharp",), routine=False),\n'
END = ")\n"
"""Of the rows, and of their file."""
SNOMED = "http://snomed.info/sct"

#  to add       where it goes               body site    modality  series description
STUDIES = {
    "modality": ("physics/rf.py", "51185008", "RF", "Still"),
    "region": ("anatomy/axilla.py", "91470000", "CT", "Axilla"),
    "finding": ("findings/granuloma.py", "51185008", "CT", "Chest"),
    "protocol": ("plan/protocol_rows_ct.py", "51185008", "CT", "Sharp"),
}


def add(copy: Path, what: str) -> None:
    """Add one thing to a copy of the package."""
    path = copy / STUDIES[what][0]
    if what == "protocol":
        path.write_text(f"{path.read_text().removesuffix(END)}{ROW}{END}")
    else:
        shutil.copy(PLUGS / path.name, path)


def remove(before: Path, copy: Path, what: str) -> None:
    """Take it out again."""
    path, was = copy / STUDIES[what][0], before / STUDIES[what][0]
    path.unlink()
    if was.exists():
        shutil.copy(was, path)


def touched(before: Path, copy: Path) -> list[str]:
    """Return what differs from the package: added and removed lines by file."""
    command = ["git", "diff", "--no-index", "--numstat", "--no-renames", str(before), str(copy)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows = (line.split("\t") for line in said.splitlines() if "__pycache__" not in line)
    inside = re.compile(r"fhir2dicom/([\w/]+[.]py)[}]?$")
    return [f"{inside.findall(path)[0]} (+{added} -{gone})" for added, gone, path in rows]


def resources(what: str) -> list[dict[str, Any]]:
    """Return a patient with one study that asks for the new thing."""
    _, site, modality, description = STUDIES[what]
    who = {"reference": "Patient/p"}
    condition = {"coding": [{"system": SNOMED, "code": "77690003"}]}
    series = {
        "number": 1,
        "modality": {"code": modality},
        "bodySite": {"system": SNOMED, "code": site},
        "description": description,
        "numberOfInstances": 40 if modality == "CT" else 1,
    }
    study = {
        "resourceType": "ImagingStudy",
        "id": "s",
        "status": "available",
        "subject": who,
        "series": [series],
    }
    return [
        {"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1980-01-01"},
        {
            "resourceType": "Condition",
            "id": "c",
            "subject": who,
            "code": condition,
            "onsetDateTime": "2000-01-01",
        },
        {**study, "started": "2020-01-01T10:00:00Z"},
    ]


def made(copy: Path, what: str) -> str:
    """Generate with the copy and say what the first file holds."""
    source, out = copy.parent / f"{what}.ndjson", copy.parent / f"{what}-dicom"
    source.write_text("\n".join(map(json.dumps, resources(what))))
    start = "import fhir2dicom.cli as c; assert 'extend-' in c.__file__; c.main()"
    command = [
        sys.executable,
        "-c",
        start,
        "generate",
        str(source),
        "--dicom-dir",
        str(out),
        "--workers",
        "1",
    ]
    environment = {**os.environ, "PYTHONPATH": str(copy.parent)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    files = sorted(out.rglob("*.dcm"))
    if done.returncode or not files:
        raise SystemExit(f"{what}: {done.stdout}{done.stderr}")
    one = pydicom.dcmread(files[0])
    manifest = next((out / ".fhir2dicom").rglob("study_*.json")).read_text()
    grown = " with a calcified granuloma" if "calcified granuloma" in manifest else ""
    return f"{len(files)} files: {one.Modality}, {one.BodyPartExamined}, {one.ProtocolName}{grown}"


def report(folder: Path) -> dict[str, tuple[list[str], str]]:
    """Add each in turn; returns the files touched and what was made, by what was added."""
    before, copy = folder / "before" / "fhir2dicom", folder / "after" / "fhir2dicom"
    for place in (before, copy):
        shutil.copytree(SRC / "fhir2dicom", place, ignore=shutil.ignore_patterns("__pycache__"))
    found = {}
    for what in STUDIES:
        add(copy, what)
        found[what] = touched(before, copy), made(copy, what)
        remove(before, copy, what)
    return found


def main() -> int:
    """Report in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="extend-") as name:
        for what, (files, result) in report(Path(name)).items():
            print(f"{what}: touched {', '.join(files)}; made {result}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
