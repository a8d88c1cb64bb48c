"""Fracture of the shaft of a tibia, and of the fibula unless slight."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def tibia_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the break, the further displaced the more severe."""
    return (Edit("fracture", "tibia", plan.laterality, min(plan.severity, 1.0), seed.key()),)


TIBIA_FRACTURE = Finding(
    name="tibia-fracture",
    snomed=frozenset(
        {
            "31978002",  # fracture of tibia
        }
    ),
    regions=("lower-leg", "ankle"),
    grow=tibia_fracture,
)
"""Fracture of the shaft of a tibia, and of the fibula unless slight."""
