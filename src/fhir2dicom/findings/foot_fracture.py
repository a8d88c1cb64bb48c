"""Fracture of a foot: the base of the fifth metatarsal."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def foot_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the break, the further displaced the more severe."""
    return (Edit("fracture", "foot", plan.laterality, min(plan.severity, 1.0), seed.key()),)


FOOT_FRACTURE = Finding(
    name="foot-fracture",
    snomed=frozenset(
        {
            "367527001",  # open fracture of foot
        }
    ),
    regions=("foot", "ankle"),
    grow=foot_fracture,
)
"""Fracture of a foot."""
