"""Pleural effusion: fluid that runs to the lowest place, so below the lung in who stands and behind it in who lies."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def pleural_effusion(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the fluid of one side, or of both."""
    return (Edit("effusion", laterality=plan.laterality, amount=0.08 + 0.8 * plan.severity, key=seed.key()),)


PLEURAL_EFFUSION = Finding(
    name="pleural-effusion",
    snomed=frozenset({"60046008"}),  # pleural effusion
    regions=("chest", "chest-abdomen"),
    grow=pleural_effusion,
)
"""Fluid between lung and chest wall."""
