"""Osteoarthritis of a hip: the upper joint space is narrow."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def hip_arthritis(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the lost cartilage."""
    return (Edit("arthritis", "hip", plan.laterality, min(0.3 + 0.7 * plan.severity, 1.0), seed.key()),)


HIP_ARTHRITIS = Finding(
    name="hip-arthritis",
    snomed=frozenset(
        {
            "239872002",  # osteoarthritis of hip
        }
    ),
    regions=("hip", "pelvis"),
    grow=hip_arthritis,
)
"""Osteoarthritis of a hip."""
