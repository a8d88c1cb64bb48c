"""Fracture of an ankle: the lateral malleolus at the syndesmosis (Weber B), and the medial one too when severe."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def ankle_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the break, the further displaced the more severe."""
    return (Edit("fracture", "ankle", plan.laterality, min(plan.severity, 1.0), seed.key()),)


ANKLE_FRACTURE = Finding(
    name="ankle-fracture",
    snomed=frozenset(
        {
            "16114001",  # fracture of ankle
            "48187004",  # open fracture of ankle
        }
    ),
    regions=("ankle", "lower-leg", "foot"),
    grow=ankle_fracture,
)
"""Fracture of an ankle."""
