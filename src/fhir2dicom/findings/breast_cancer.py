"""Breast cancer: a spiculated mass, often with fine calcifications, at the same place in every film, growing with time.

How large: as the T descriptor (T1 to 20 mm, T2 to 50) grows with severity; suspected ones 6 to 12 mm; a small one doubles its
volume in about 180 days and slows towards 60 mm, ours. Fine calcifications go with four in ten, rounded by us. Where it is and what
is left of it after surgery is the breast's own business (`anatomy.breast`), so that biopsy, scar and mass meet.
"""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

WITH_CALCIFICATIONS = 0.4


def breast_cancer(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the mass on the study's day; ``severity`` 0 … 1 is its stage, 0.1 and less: only suspected."""
    d = diameter_mm(plan, seed)
    mass = Edit(
        "breast-mass",
        "breast",
        plan.laterality,
        amount=plan.severity,
        key=seed.child("shape").key(),
        numbers={"diameter_mm": d},
    )
    if seed.child("calcifications").uniform() > WITH_CALCIFICATIONS:
        return (mass,)
    fine = {"count": float(10 + seed.child("count").integer(18)), "spread_mm": round(0.30 * d + 1.5, 2)}
    group = Edit("breast-cluster", "breast", plan.laterality, key=seed.child("grains").key(), numbers=fine)
    return (mass, group)


def diameter_mm(plan: FindingPlan, seed: Seed) -> float:
    """Return the diameter on the study's day, mm."""
    draw = seed.child("size").uniform()
    if plan.severity <= 0.1:
        return round(6 + 6 * draw, 2)
    first = 7.0 + 20.0 * min(plan.severity, 1.0) + 5 * draw
    days = max(plan.days, 0.0)
    return round(first + (60.0 - first) * days / (days + 4000.0), 2)


def in_situ(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return carcinoma in situ: fine calcifications without a mass, more and wider apart with severity."""
    count = float(14 + seed.child("count").integer(20) + round(20 * plan.severity))
    fine = {"count": count, "spread_mm": round(4.0 + 9.0 * plan.severity, 2)}
    key = seed.child("grains").key()
    return (Edit("breast-cluster", "breast", plan.laterality, plan.severity, key, fine),)


BREAST_CANCER = Finding(
    name="breast-cancer",
    snomed=frozenset({
        "254837009",  # malignant neoplasm of breast
        "372064008",  # malignant neoplasm of female breast, a code that is no longer active
        "93796005",  # primary malignant neoplasm of female breast
        "254838004",  # carcinoma of breast
        "408643008",  # infiltrating duct carcinoma of breast
        "278054005",  # infiltrating lobular carcinoma of breast
        "134405005",  # suspected breast cancer
    }),
    regions=("breast",),
    grow=breast_cancer,
)  # fmt: skip
"""A mass, or the small one that is suspected to be one."""

IN_SITU = Finding(
    name="breast-cancer-in-situ",
    snomed=frozenset({
        "109889007",  # ductal carcinoma in situ of breast
    }),
    regions=("breast",),
    grow=in_situ,
)  # fmt: skip
"""Calcifications alone."""
