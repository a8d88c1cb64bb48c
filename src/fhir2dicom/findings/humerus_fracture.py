"""Fracture of the humerus: above the elbow in children, of the surgical neck or the shaft in the grown; shares are ours."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

HEALED_DAYS = 300.0
"""After that a break is taken for healed without a trace."""
GROWN_YEARS = 12.0


def humerus_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the break of the grown and that of children; the region takes the one of the patient's age."""
    if plan.days > HEALED_DAYS:
        return ()
    much = 0.35 + 0.65 * min(plan.severity, 1.0)
    neck = seed.child("place").uniform() < 0.6
    grown = {
        "from_years": GROWN_YEARS,
        "along": seed.child("neck").uniform(0.12, 0.16) if neck else seed.child("shaft").uniform(0.4, 0.6),
        "slant_deg": seed.child("slant").uniform(5.0, 20.0)
        if neck
        else seed.child("slant").uniform(18.0, 45.0),
        "round_deg": seed.child("round").uniform(0.0, 360.0),
        "angle_deg": much * seed.child("angle").uniform(-10.0, 10.0) * (1.0 if neck else 0.5),
        "side_deg": much * seed.child("side").uniform(-4.0, 14.0) * (1.0 if neck else 0.4),
        "back_mm": much * seed.child("back").uniform(-5.0, 5.0),
        "out_mm": much * seed.child("out").uniform(-7.0, 4.0),
        "short_mm": much * seed.child("short").uniform(1.0, 7.0),
        "rough_mm": 2.0,
        "near": float(neck),
    }
    child = {
        "to_years": GROWN_YEARS,
        "along": seed.child("above").uniform(0.905, 0.925),
        "slant_deg": seed.child("slant").uniform(4.0, 16.0),
        "angle_deg": much * seed.child("child angle").uniform(5.0, 15.0),
        "back_mm": much * seed.child("child back").uniform(0.0, 2.5),
        "rough_mm": 1.4,
    }
    return tuple(
        Edit(
            "fracture",
            "humerus",
            plan.laterality,
            plan.severity,
            seed.child("break", k).key(),
            {n: round(x, 3) for n, x in numbers.items()},
        )
        for k, numbers in enumerate((grown, child))
    )


HUMERUS_FRACTURE = Finding(
    name="humerus-fracture",
    snomed=frozenset(
        {"66308002", "43295006", "58580000"}
    ),  # fracture of humerus, closed, closed supracondylar
    regions=("humerus", "shoulder", "elbow"),
    grow=humerus_fracture,
)
"""Broken upper arm."""
