"""Scoliosis: the thoracic spine curved to the right in most, the lumbar spine back to the left."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def scoliosis(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the curve; four of five thoracic curves bend to the right."""
    side = 1.0 if seed.child("side").uniform() < 0.2 else -1.0
    aside = side * (9.0 + 26.0 * plan.severity)
    return (Edit("scoliosis", numbers={"aside_mm": round(aside, 2)}),)


SCOLIOSIS = Finding(
    name="scoliosis",
    snomed=frozenset({"298382003"}),  # scoliosis deformity of spine
    regions=("chest", "chest-abdomen", "abdomen", "lumbar-spine", "thoracic-spine", "ribs"),
    grow=scoliosis,
)
"""A curved spine."""
