"""Decay of teeth: cavities at the contacts of back teeth, the same teeth in every study, deeper with time."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def dental_caries(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "caries",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


DENTAL_CARIES = Finding(
    name="dental-caries",
    snomed=frozenset({
        "109570002",  # primary dental caries
        "80967001",  # dental caries
    }),
    regions=("mouth", "mandible"),
    grow=dental_caries,
)  # fmt: skip
"""Shows in films inside the mouth."""
