"""CPU of a CT and a film beside the seed's loop and beside the disk, then memory and studies a second of whole runs.

Each round makes, in turn, a 30 x 512^2 chest CT, a 2048^2 chest film, and films of a hand and of a knee into a folder:
by the journey for a patient not seen before, by the journey for a patient whose body is at hand, by the seed's loop, and
by os.write of the same bytes. Rounds are interleaved so that a slow moment of the machine hits all alike; medians are
shown.

usage: python benchmarks/speed.py [SOURCE] [--rounds 9] [--folder FOLDER] [--output FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import seed_loop

from fhir2dicom import journey
from fhir2dicom.model import StudyOrder, StudyPlan
from fhir2dicom.plan.study import plan_study
from fhir2dicom.source.source import open_source
from fhir2dicom.store.folder import opened

COMMAND = Path(sys.executable).with_name("fhir2dicom")
EXAMPLES = Path(__file__).parents[1] / "examples" / "synthea"
CASES = {
    # case: modality, instances, body site
    "CT 30 x 512^2": ("CT", 30, "51185008"),
    "film 2048^2": ("DX", 1, "51185008"),
    "film of a hand": ("DX", 1, "85562004"),
    "film of a knee": ("DX", 1, "72696002"),
}
AIMS_MS = {"CT 30 x 512^2": 84, "film 2048^2": 60, "film of a hand": 40, "film of a knee": 40}


def plan(modality: str, instances: int, site: str) -> StudyPlan:
    """Plan one study of an adult."""
    part = {"system": "http://snomed.info/sct", "code": site}
    series = {
        "number": 1,
        "modality": {"code": modality},
        "bodySite": part,
        "numberOfInstances": instances,
        "instance": [{"uid": f"2.25.{1000 + k}", "number": k + 1} for k in range(instances)],
    }
    resources: tuple[dict[str, Any], ...] = (
        {"resourceType": "Patient", "id": "speed", "gender": "female", "birthDate": "1970-01-01"},
        {
            "resourceType": "ImagingStudy",
            "id": f"speed-{modality}-{site}",
            "status": "available",
            "subject": {"reference": "Patient/speed"},
            "started": "2020-01-01T10:00:00Z",
            "series": [series],
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "study.ndjson"
        source.write_text("\n".join(map(json.dumps, resources)))
        order = next(o for o in open_source(str(source)) if isinstance(o, StudyOrder))
    planned = plan_study(order, "", journey.catalog())
    if not isinstance(planned, StudyPlan) or planned.instance_count != instances:
        raise SystemExit(f"{modality}: {planned}")
    return planned


def ours(folder: Path, planned: StudyPlan) -> None:
    """Make a study into an output folder, as `generate` does."""
    with opened(folder, "speed") as store:
        place, _ = store.claim(planned, b"{}", force=True)
        store.put(planned, place, journey.make(planned), force=True)


def stranger(planned: StudyPlan, number: int) -> StudyPlan:
    """Return the same study of somebody else."""
    return replace(planned, person=replace(planned.person, key=f"somebody {number}"))


def written(folder: Path, files: list[bytes]) -> None:
    """Write bytes to files: the floor."""
    folder.mkdir(parents=True, exist_ok=True)
    for k, content in enumerate(files):
        handle = os.open(folder / str(k), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(handle, content)
        os.close(handle)


def cpu_ms(work: Callable[[], None]) -> float:
    """Return the CPU that this process spends on some work, user and system, ms."""
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def measured(rounds: int, folder: Path) -> dict[str, dict[str, float]]:
    """Return median CPU ms by case and by who made it."""
    plans = {case: plan(*what) for case, what in CASES.items()}
    found: dict[str, dict[str, list[float]]] = {case: {} for case in plans}
    for number in range(-1, rounds):  # the first compiles, and is not counted
        for case, planned in plans.items():
            out = folder / "out"
            ours(out, planned)
            files = [p.read_bytes() for p in sorted(out.rglob("*.dcm"))]
            works: dict[str, Callable[[], None]] = {
                "same patient": partial(ours, out, planned),
                "new patient": partial(ours, out, stranger(planned, number)),
                "seed's loop": partial(seed_loop.study, folder / "seed", CASES[case][0]),
                "os.write": partial(written, folder / "floor", files),
            }
            for who, work in works.items():
                spent = cpu_ms(work)
                if number >= 0:
                    found[case].setdefault(who, []).append(spent)
            for name in ("out", "seed", "floor"):
                shutil.rmtree(folder / name)
    return {case: {who: statistics.median(t) for who, t in by.items()} for case, by in found.items()}


def shown(found: dict[str, dict[str, float]]) -> str:
    """Return the table, in ms and in units of the disk's floor."""
    lines = [
        f"{'CPU ms (times os.write)':24}"
        + "".join(f"{who:>20}" for who in next(iter(found.values())))
        + "   aim"
    ]
    for case, by in found.items():
        cells = "".join(f"{ms:11.1f} ({ms / by['os.write']:5.1f})" for ms in by.values())
        lines.append(f"{case:24}{cells}{AIMS_MS[case]:6d}")
    return "\n".join(lines)


def memory_mb(root: int) -> float:
    """Return the memory of a process and all below it, shared pages counted once (PSS), MB."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = {root}
    while more := {p for p, parent in parents.items() if parent in family} - family:
        family |= more
    total = 0
    for process in family:
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def run(source: str, out: Path, workers: int) -> dict[str, float]:
    """Generate a whole source; returns what was made, in how long, and the memory at its peak."""
    command = [COMMAND, "generate", source, "--dicom-dir", out, "--workers", str(workers), "--json"]
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_mb(process.pid))
        time.sleep(0.1)
    said = json.loads(process.communicate()[0])
    shutil.rmtree(out)
    seconds = said["seconds"]
    rates = {"studies/s": said["made"] / seconds, "MB/s": said["bytes"] / 1e6 / seconds}
    return {"workers": workers, "made": said["made"], "seconds": seconds, **rates, "peak MB": peak}


def main() -> int:
    """Measure, print, and keep the numbers as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", nargs="?", default=str(EXAMPLES))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--folder", type=Path, help="where to write while measuring")
    parser.add_argument("--output", type=Path, help="where to keep the numbers")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        found = measured(args.rounds, Path(name))
        print(shown(found))
        runs = [run(args.source, Path(name) / "run", workers) for workers in (1, 2)]
    for one in runs:
        print(", ".join(f"{value:.4g} {what}" for what, value in one.items()))
    if args.output:
        args.output.mkdir(parents=True, exist_ok=True)
        (args.output / "speed.json").write_text(json.dumps({"cpu_ms": found, "runs": runs}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
