"""Injury of a knee's ligaments or menisci: a film shows fluid in the joint and no more."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def knee_injury(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the fluid; slight injuries have some too."""
    return (Edit("effusion", "knee", plan.laterality, min(0.35 + 0.65 * plan.severity, 1.0), seed.key()),)


KNEE_INJURY = Finding(
    name="knee-injury",
    snomed=frozenset(
        {
            "125601008",  # injury of knee
            "444448004",  # injury of medial collateral ligament of knee
            "444470001",  # injury of anterior cruciate ligament
            "239720000",  # tear of meniscus of knee
        }
    ),
    regions=("knee",),
    grow=knee_injury,
)
"""Injury of a knee's ligaments or menisci."""
