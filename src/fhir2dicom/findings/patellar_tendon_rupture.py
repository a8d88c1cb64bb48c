"""Rupture of a patellar tendon: the patella stands high, the joint fills."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def patellar_tendon_rupture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the tear and the fluid."""
    amount = min(0.5 + 0.5 * plan.severity, 1.0)
    return (
        Edit("rupture", "patellar tendon", plan.laterality, amount, seed.key()),
        Edit("effusion", "knee", plan.laterality, 0.6, seed.key()),
    )


PATELLAR_TENDON_RUPTURE = Finding(
    name="patellar-tendon-rupture",
    snomed=frozenset(
        {
            "30832001",  # rupture of patellar tendon
        }
    ),
    regions=("knee", "femur"),
    grow=patellar_tendon_rupture,
)
"""Rupture of a patellar tendon."""
