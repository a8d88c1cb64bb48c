"""Fractures of the hand: the neck of the fifth metacarpal (boxer's), another metacarpal's shaft, or a finger's phalanx."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

HEALED_DAYS = 300.0
"""After that a break is taken for healed without a trace."""
PHALANGES = ("pp5", "pp4", "mp3", "dp2", "pp2", "dp1")
"""Phalanges that are broken, by our names: proximal, middle, distal and the finger's number."""


def metacarpal_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return a broken metacarpal, bent towards the palm."""
    if plan.days > HEALED_DAYS:
        return ()
    boxer = seed.child("boxer").uniform() < 0.6
    part = "mc5" if boxer else f"mc{2 + seed.child('which').integer(4)}"
    much = 0.4 + 0.6 * min(plan.severity, 1.0)
    numbers = {
        "along": seed.child("along").uniform(0.84, 0.88) if boxer else seed.child("along").uniform(0.5, 0.68),
        "slant_deg": seed.child("slant").uniform(4.0, 14.0)
        if boxer
        else seed.child("slant").uniform(25.0, 50.0),
        "round_deg": seed.child("round").uniform(0.0, 360.0),
        "angle_deg": -much * (seed.child("angle").uniform(22.0, 45.0) if boxer else 8.0),
        "side_deg": much * seed.child("side").uniform(-6.0, 8.0),
        "short_mm": much * seed.child("short").uniform(0.5, 2.5),
        "rough_mm": 0.8,
        "with_rest": 1.0,
    }
    return _edit(plan, part, numbers, seed)


def finger_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return a broken phalanx."""
    if plan.days > HEALED_DAYS:
        return ()
    part = PHALANGES[seed.child("phalanx").integer(len(PHALANGES))]
    much = 0.3 + 0.7 * min(plan.severity, 1.0)
    numbers = {
        "along": seed.child("along").uniform(0.25, 0.6),
        "slant_deg": seed.child("slant").uniform(5.0, 48.0),
        "round_deg": seed.child("round").uniform(0.0, 360.0),
        "angle_deg": much * seed.child("angle").uniform(-4.0, 14.0),
        "side_deg": much * seed.child("side").uniform(-8.0, 8.0),
        "out_mm": much * seed.child("out").uniform(-0.8, 0.8),
        "gap_mm": 0.4,
        "rough_mm": 0.6,
        "with_rest": 1.0,
    }
    return _edit(plan, part, numbers, seed)


def _edit(plan: FindingPlan, part: str, numbers: dict[str, float], seed: Seed) -> tuple[Edit, ...]:
    rounded = {n: round(x, 3) for n, x in numbers.items()}
    return (Edit("fracture", part, plan.laterality, plan.severity, seed.child("break").key(), rounded),)


METACARPAL_FRACTURE = Finding(
    name="metacarpal-fracture",
    snomed=frozenset({"208393000"}),  # fracture of metacarpal bone
    regions=("hand",),
    grow=metacarpal_fracture,
)
"""Broken metacarpal."""

FINGER_FRACTURE = Finding(
    name="finger-fracture",
    snomed=frozenset({"18171007", "24424003"}),  # fracture of phalanx of finger, closed fracture of it
    regions=("hand",),
    grow=finger_fracture,
)
"""Broken finger."""
