"""Fracture of the shaft of a femur."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def femur_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the break, the further displaced the more severe."""
    return (Edit("fracture", "femur", plan.laterality, min(plan.severity, 1.0), seed.key()),)


FEMUR_FRACTURE = Finding(
    name="femur-fracture",
    snomed=frozenset(
        {
            "71620000",  # fracture of femur
        }
    ),
    regions=("femur", "hip", "knee", "pelvis"),
    grow=femur_fracture,
)
"""Fracture of the shaft of a femur."""
