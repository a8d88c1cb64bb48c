"""Make every film of some sources and judge it: what was made of what, CPU from plan to file, bytes, dciodvfy's errors.

usage: python benchmarks/films.py FOLDER SOURCE ... [--most N] [--keep]

Writes into FOLDER study by study; without --keep a study is removed once dciodvfy and dcentvfy have read it. --most N
takes N studies of each modality and part, evenly spread.
"""

from __future__ import annotations

import shutil
import sys
import time
import traceback
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from fhir2dicom import journey
from fhir2dicom.dicom.validate import Complaint, entities, objects, tally
from fhir2dicom.model import StudyOrder, StudyPlan
from fhir2dicom.plan.modalities import RADIOGRAPHS
from fhir2dicom.source.source import open_source


@dataclass(slots=True)
class Row:
    """What became of one modality and part."""

    studies: int = 0
    films: int = 0
    bytes: int = 0
    raised: int = 0
    """Studies that an exception ended: each is a bug, and is shown."""
    cpu_s: list[float] = field(default_factory=list)
    """Of each film: its share of its study, body included."""


def plans(sources: list[str]) -> Iterator[StudyPlan]:
    """Yield the plan of every study of films; one that is not planned ends the run."""
    for source in sources:
        orders = (o for o in open_source(source) if isinstance(o, StudyOrder) and _is_film(o))
        for plan in journey.plans(orders, seed="", slices=None):
            if not isinstance(plan, StudyPlan):
                raise SystemExit(f"{plan.where}: {plan.message}")
            yield plan


def _is_film(order: StudyOrder) -> bool:
    return any(s.modality and s.modality.value.upper() in RADIOGRAPHS for s in order.series)


def spread(found: list[StudyPlan], most: int) -> list[StudyPlan]:
    """Return at most so many plans of each modality and part, evenly spread over those there are."""
    kinds: dict[str, list[StudyPlan]] = defaultdict(list)
    for plan in found:
        kinds[_kind(plan)].append(plan)
    return [p for of in kinds.values() for p in of[:: -(-len(of) // most)]] if most else found


def _kind(plan: StudyPlan) -> str:
    first = plan.series[0]
    return f"{first.modality} {first.region}"


def write(plan: StudyPlan, folder: Path, row: Row) -> list[Path]:
    """Make a study's files; returns where they are."""
    place = folder / f"{_kind(plan).replace(' ', '-')}-{row.studies + row.raised:05d}"
    place.mkdir(parents=True)
    began, paths = time.process_time(), []
    try:
        for instance in journey.make(plan):
            paths.append(place / f"{len(paths) + 1:04d}.dcm")
            paths[-1].write_bytes(instance.header + instance.pixels)
            row.bytes += paths[-1].stat().st_size
    except Exception:  # noqa: BLE001 -- counted, and shown
        row.raised += 1
        traceback.print_exc()
        return []
    took = time.process_time() - began
    row.cpu_s += [took / len(paths)] * len(paths)
    row.studies, row.films = row.studies + 1, row.films + len(paths)
    return paths


def judged(paths: list[Path], *, keep: bool) -> list[Complaint]:
    """Return what the verifiers have against a study, and remove it."""
    found = [*objects(paths), *entities(paths)]
    if paths and not keep:
        shutil.rmtree(paths[0].parent)
    return found


def main() -> int:
    """Make, judge, and print a row for each modality and part."""
    asked = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("sources", nargs="+")
    asked.add_argument("--most", type=int, default=0)
    asked.add_argument("--keep", action="store_true")
    want = asked.parse_args()
    rows: dict[str, Row] = defaultdict(Row)
    began = time.perf_counter()
    todo = spread(list(plans(want.sources)), want.most)
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(judged, write(p, want.folder, rows[_kind(p)]), keep=want.keep) for p in todo]
        complaints = [c for f in waiting for c in f.result()]
    took = time.perf_counter() - began
    for kind, row in sorted(rows.items(), key=lambda r: -r[1].studies):
        ms = sorted(1000 * s for s in row.cpu_s) or [0.0]
        print(
            f"{kind:22s} {row.studies:6d} studies {row.films:6d} films {row.bytes / 1e6:9.1f} MB"
            f"  CPU ms a film: median {ms[len(ms) // 2]:6.1f}, 95 % below {ms[int(0.95 * (len(ms) - 1))]:6.1f}"
        )
    total = sum(r.studies for r in rows.values())
    print(f"{total} studies in {took:.0f} s, verified: {total / took:.1f} studies/s")
    levels, raised = Counter(c.level for c in complaints), sum(r.raised for r in rows.values())
    print(f"{raised} exceptions, {levels['error']} errors, {levels['warning']} warnings")
    for (level, kind), n in tally(complaints).items():
        print(f"{n:7d}  {level}: {kind}")
    return int(levels["error"] + raised > 0)


if __name__ == "__main__":
    sys.exit(main())
