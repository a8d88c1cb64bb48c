"""Benign masses of the breast: fibroadenomas, which calcify in old age, and cysts."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def fibroadenoma(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return an oval mass; one that is ten years old has coarse calcifications."""
    size = round(9 + 14 * seed.child("size").uniform() + 4 * plan.severity, 2)
    numbers = {"diameter_mm": size, "flat": 0.72, "popcorn": 1.0 if plan.days > 3650 else 0.0}
    return (
        Edit("breast-lump", "breast", plan.laterality, plan.severity, seed.child("shape").key(), numbers),
    )


def cysts(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return one to four round cysts, here and there."""
    count = 1 + seed.child("count").integer(3) + int(plan.severity > 0.6)
    return tuple(
        Edit(
            "breast-lump", "breast", plan.laterality, plan.severity, seed.child("shape", k).key(),
            {
                "diameter_mm": round(5 + 15 * seed.child("size", k).uniform() ** 2, 2),
                "flat": 0.93,
                "back": round(seed.child("back", k).uniform(0.2, 0.75), 3),
                "clock": round(seed.child("clock", k).uniform(0, 12), 2),
                "off": round(seed.child("off", k).uniform(0.1, 0.65), 3),
            },
        )
        for k in range(count)
    )  # fmt: skip


FIBROADENOMA = Finding(
    name="breast-fibroadenoma",
    snomed=frozenset({
        "254845004",  # fibroadenoma of breast
    }),
    regions=("breast",),
    grow=fibroadenoma,
)  # fmt: skip
"""A fibroadenoma."""

CYSTS = Finding(
    name="breast-cysts",
    snomed=frozenset({
        "399294002",  # cyst of breast
        "27431007",  # fibrocystic disease of breast
    }),
    regions=("breast",),
    grow=cysts,
)  # fmt: skip
"""Cysts."""
