"""Fracture of the pelvis: the upper pubic ramus of one side."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def pelvic_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the break, the further displaced the more severe."""
    return (Edit("fracture", "pelvis", plan.laterality, min(plan.severity, 1.0), seed.key()),)


PELVIC_FRACTURE = Finding(
    name="pelvic-fracture",
    snomed=frozenset(
        {
            "77493009",  # fracture of pelvis
            "15474008",  # open fracture of pelvis
        }
    ),
    regions=("pelvis", "hip"),
    grow=pelvic_fracture,
)
"""Fracture of the pelvis."""
