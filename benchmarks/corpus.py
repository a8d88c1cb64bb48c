"""Read and plan every study of some sources: what becomes of each, and that nothing is lost and nothing is raised.

usage: python benchmarks/corpus.py SOURCE ... [--messages]
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from fhir2dicom import journey
from fhir2dicom.model import Problem, StudyOrder
from fhir2dicom.plan.study import plan_study
from fhir2dicom.source.source import open_source


def survey(source: str, messages: Counter[str]) -> Counter[str]:
    """Read and plan one source; returns how many became what."""
    found: Counter[str] = Counter()
    catalog = journey.catalog()
    path = Path(source)
    found["files"] = sum(p.is_file() for p in path.rglob("*")) if path.is_dir() else 1
    for one in open_source(source):
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
            found["instances"] += one.instance_count
            found["notes"] += len(one.notes)
    return found


def main() -> int:
    """Survey each source and print its counts."""
    exceptions = 0
    messages: Counter[str] = Counter()
    for source in (a for a in sys.argv[1:] if not a.startswith("--")):
        began = time.perf_counter()
        found = survey(source, messages)
        took = time.perf_counter() - began
        exceptions += found["exceptions"]
        studies = found["planned"] + sum(n for what, n in found.items() if what.startswith("problem"))
        print(f"{source}: {took:.1f} s, {studies / took:.0f} studies/s")
        for what in ("files", "orders", "planned", "exceptions", "instances", "notes"):
            print(f"  {found[what]:8d}  {what}")
        for what, n in sorted(found.items()):
            if what.startswith("problem"):
                print(f"  {n:8d}  {what}")
    if "--messages" in sys.argv:
        for message, n in messages.most_common():
            print(f"{n:6d}  {message[:200]}")
    return int(exceptions > 0)


if __name__ == "__main__":
    sys.exit(main())
