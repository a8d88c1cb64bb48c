"""Fracture of the forearm: the neck of the radius and the ulna beside it, where films of upper arm, elbow and forearm show it.

Synthea's record has a fracture of the forearm on a film of the upper arm; a break below the elbow is on both.
"""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

HEALED_DAYS = 300.0
"""After that a break is taken for healed without a trace."""


def forearm_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return both breaks: the shafts stay with the wrist, the head of the radius tilts and the ulna opens a little."""
    if plan.days > HEALED_DAYS:
        return ()
    much = 0.35 + 0.65 * min(plan.severity, 1.0)
    radius = {
        "along": seed.child("radius").uniform(0.07, 0.095),
        "slant_deg": seed.child("slant").uniform(-12.0, 12.0),
        "side_deg": -much * seed.child("side").uniform(8.0, 20.0),
        "angle_deg": much * seed.child("angle").uniform(-8.0, 8.0),
        "short_mm": much * seed.child("short").uniform(0.5, 2.0),
        "out_mm": much * seed.child("out").uniform(-1.5, -0.3),
        "near": 1.0,
    }
    ulna = {
        "along": seed.child("ulna").uniform(0.09, 0.14),
        "slant_deg": seed.child("ulna slant").uniform(20.0, 42.0),
        "round_deg": seed.child("ulna round").uniform(0.0, 360.0),
        "angle_deg": much * seed.child("ulna angle").uniform(-6.0, 3.0),
        "gap_mm": much * seed.child("ulna gap").uniform(0.3, 0.8),
        "back_mm": much * seed.child("ulna back").uniform(-1.2, 1.5),
        "near": 1.0,
    }
    return tuple(
        Edit(
            "fracture",
            part,
            plan.laterality,
            plan.severity,
            seed.child(part).key(),
            {n: round(x, 3) for n, x in numbers.items()},
        )
        for part, numbers in (("radius", radius), ("ulna", ulna))
    )


FOREARM_FRACTURE = Finding(
    name="forearm-fracture",
    snomed=frozenset({"65966004", "12676007"}),  # fracture of forearm, of radius
    regions=("forearm", "elbow", "humerus"),
    grow=forearm_fracture,
)
"""Broken forearm near the elbow."""
