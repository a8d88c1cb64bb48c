"""Fracture of the scaphoid: a fine line through its waist."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

HEALED_DAYS = 300.0
"""After that a break is taken for healed without a trace."""


def scaphoid_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return a gap of half a millimetre and more across the waist; the proximal part may stand apart."""
    if plan.days > HEALED_DAYS:
        return ()
    numbers = {
        "along": 0.0,
        "middle": 1.0,
        "slant_deg": seed.child("slant").uniform(-10.0, 10.0),
        "gap_mm": 0.5 + 0.9 * min(plan.severity, 1.0),
        "out_mm": seed.child("out").uniform(-0.5, 0.8),
        "rough_mm": 0.5,
    }
    rounded = {n: round(x, 3) for n, x in numbers.items()}
    return (Edit("fracture", "scaphoid", plan.laterality, plan.severity, seed.child("break").key(), rounded),)


SCAPHOID_FRACTURE = Finding(
    name="scaphoid-fracture",
    snomed=frozenset({"31975004"}),  # fracture of scaphoid bone
    regions=("wrist", "hand"),
    grow=scaphoid_fracture,
)
"""Broken scaphoid."""
