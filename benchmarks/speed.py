"""CPU of a CT and films beside the seed's loop and beside the disk, then memory and studies a second of whole runs.

Each round makes, in turn, a 30 x 512^2 chest CT and one film of each kind into a folder: by the journey for a patient
not seen before, by the journey for a patient whose body is at hand, by the seed's loop, and by os.write of the same
bytes. Rounds are interleaved so that a slow moment of the machine hits all alike; medians are shown, and for films
how much CPU a million pixels take.

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
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Case:
    """A study of one kind that is made again and again."""

    modality: str
    site: str
    aim_ms: int
    instances: int = 1
    weight_kg: float = 0.0
    """Of the patient; 0: as planned."""

    @property
    def loop(self) -> str:
        """Return what the seed's loop, which knows no teeth, makes instead."""
        return "DX" if self.modality == "IO" else self.modality


CASES = {
    "CT 30 x 512^2": Case("CT", "51185008", 84, 30),
    "film 2048^2": Case("DX", "51185008", 60),
    "film of a belly": Case("DX", "818981001", 60),
    "film of a neck": Case("DX", "122494005", 60),
    "film of a skull": Case("DX", "89546000", 60),
    "film of a shoulder": Case("DX", "16982005", 40),
    "film of a hand": Case("DX", "85562004", 40),
    "film of a knee": Case("DX", "72696002", 40),
    "film of an ankle": Case("DX", "344001", 40),
    "bitewing": Case("IO", "123851003", 15),
    "mammogram, small": Case("MG", "76752008", 150, weight_kg=50.0),
    "mammogram, large": Case("MG", "76752008", 150, weight_kg=104.0),
}


def plan(case: Case) -> StudyPlan:
    """Plan one study of a grown woman."""
    modality, instances, site = case.modality, case.instances, case.site
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
    if case.weight_kg:
        return replace(planned, person=replace(planned.person, weight_kg=case.weight_kg))
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


def measured(rounds: int, folder: Path) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Return median CPU ms by case and by who made it, and how many million pixels a case has."""
    plans = {name: plan(case) for name, case in CASES.items()}
    found: dict[str, dict[str, list[float]]] = {case: {} for case in plans}
    millions: dict[str, float] = {}
    for number in range(-1, rounds):  # the first compiles, and is not counted
        for case, planned in plans.items():
            out = folder / "out"
            ours(out, planned)
            files = [p.read_bytes() for p in sorted(out.rglob("*.dcm"))]
            millions[case] = sum(map(len, files)) / 2e6
            works: dict[str, Callable[[], None]] = {
                "same patient": partial(ours, out, planned),
                "new patient": partial(ours, out, stranger(planned, number)),
                "seed's loop": partial(seed_loop.study, folder / "seed", CASES[case].loop),
                "os.write": partial(written, folder / "floor", files),
            }
            for who, work in works.items():
                spent = cpu_ms(work)
                if number >= 0:
                    found[case].setdefault(who, []).append(spent)
            for name in ("out", "seed", "floor"):
                shutil.rmtree(folder / name)
    medians = {case: {who: statistics.median(t) for who, t in by.items()} for case, by in found.items()}
    return medians, millions


def shown(found: dict[str, dict[str, float]], millions: dict[str, float]) -> str:
    """Return the table, in ms and in units of the disk's floor; last, what a new patient's million pixels take."""
    lines = [
        f"{'CPU ms (times os.write)':24}"
        + "".join(f"{who:>20}" for who in next(iter(found.values())))
        + "   aim  ms/Mpixel"
    ]
    for case, by in found.items():
        cells = "".join(f"{ms:11.1f} ({ms / by['os.write']:5.1f})" for ms in by.values())
        lines.append(f"{case:24}{cells}{CASES[case].aim_ms:6d}{by['new patient'] / millions[case]:11.1f}")
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
        found, millions = measured(args.rounds, Path(name))
        print(shown(found, millions))
        runs = [run(args.source, Path(name) / "run", workers) for workers in (1, 2)]
    for one in runs:
        print(", ".join(f"{value:.4g} {what}" for what, value in one.items()))
    if args.output:
        args.output.mkdir(parents=True, exist_ok=True)
        (args.output / "speed.json").write_text(json.dumps({"cpu_ms": found, "runs": runs}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
