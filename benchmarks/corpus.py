"""Read and plan every study of some sources: what becomes of each, and that nothing is lost and nothing is raised.

usage: python benchmarks/corpus.py SOURCE ... [--messages] [--regions]

Films (DX, CR, IO, MG and what servers call them) must all be planned: one that is not makes the exit code 1.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from fhir2dicom import journey
from fhir2dicom.model import Problem, StudyOrder, StudyPlan
from fhir2dicom.plan.modalities import RADIOGRAPHS
from fhir2dicom.plan.study import plan_study
from fhir2dicom.source.source import open_source


def is_film(order: StudyOrder) -> bool:
    """Say whether FHIR calls a study, or a series of it, a film."""
    codes = (*order.modalities, *(s.modality for s in order.series if s.modality))
    return any(c.value.upper() in RADIOGRAPHS for c in codes)


def made_of(plan: StudyPlan) -> set[str]:
    """Return what a plan holds, for the table of regions: ``DX wrist, 1 film``, ``CT chest``."""
    return {
        f"{s.modality} {s.region}"
        + (f", {s.instance_count} films" if len(s.shots) == s.instance_count > 1 else "")
        for s in plan.series
    }


def survey(source: str, messages: Counter[str], regions: Counter[str]) -> Counter[str]:
    """Read and plan one source; returns how many became what."""
    found: Counter[str] = Counter()
    catalog = journey.catalog()
    path = Path(source)
    found["files"] = sum(p.is_file() for p in path.rglob("*")) if path.is_dir() else 1
    for one in open_source(source):
        film = isinstance(one, StudyOrder) and is_film(one)
        found["films"] += film
        if isinstance(one, StudyOrder):
            found["orders"] += 1
            try:
                one = plan_study(one, "", catalog)  # noqa: PLW2901 -- an order becomes what was made of it
            except Exception:  # noqa: BLE001 -- counted, and shown
                found["exceptions"] += 1
                traceback.print_exc()
                continue
        if isinstance(one, Problem):
            found[f"problem: {one.kind}"] += 1
            messages[f"{one.kind}: {one.message}"] += 1
        else:
            found["planned"] += 1
            found["films planned"] += film
            regions.update(made_of(one))
            found["instances"] += one.instance_count
            found["notes"] += len(one.notes)
    return found


def main() -> int:
    """Survey each source and print its counts."""
    wrong = 0
    messages: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    for source in (a for a in sys.argv[1:] if not a.startswith("--")):
        began = time.perf_counter()
        found = survey(source, messages, regions)
        took = time.perf_counter() - began
        wrong += found["exceptions"] + found["films"] - found["films planned"]
        studies = found["planned"] + sum(n for what, n in found.items() if what.startswith("problem"))
        print(f"{source}: {took:.1f} s, {studies / took:.0f} studies/s")
        for what in (
            "files",
            "orders",
            "planned",
            "exceptions",
            "films",
            "films planned",
            "instances",
            "notes",
        ):
            print(f"  {found[what]:8d}  {what}")
        for what, n in sorted(found.items()):
            if what.startswith("problem"):
                print(f"  {n:8d}  {what}")
    if "--messages" in sys.argv:
        for message, n in messages.most_common():
            print(f"{n:6d}  {message[:200]}")
    if "--regions" in sys.argv:
        for region, n in regions.most_common():
            print(f"{n:6d}  {region}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
