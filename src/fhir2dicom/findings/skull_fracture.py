"""Fracture of the skull: a thin dark line over the vault of one side, longer and wider the more severe."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan, Laterality
from fhir2dicom.seed import Seed


def skull_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return one linear fracture; ``severity`` 0 … 1 is its length."""
    side: Laterality = "L" if plan.laterality == "L" else "R"
    return (Edit("fracture", "skull", side, round(min(plan.severity, 1.0), 3), seed.key()),)


SKULL_FRACTURE = Finding(
    name="skull-fracture",
    snomed=frozenset({"71642004"}),  # fracture of skull
    regions=("skull", "face"),
    grow=skull_fracture,
)
"""A line through the vault."""
