"""Osteoarthritis of a knee: the inner joint space is narrow."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def knee_arthritis(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the lost cartilage."""
    return (Edit("arthritis", "knee", plan.laterality, min(0.3 + 0.7 * plan.severity, 1.0), seed.key()),)


KNEE_ARTHRITIS = Finding(
    name="knee-arthritis",
    snomed=frozenset(
        {
            "239873007",  # osteoarthritis of knee
        }
    ),
    regions=("knee", "femur", "lower-leg"),
    grow=knee_arthritis,
)
"""Osteoarthritis of a knee."""
