"""Wisdom teeth that were taken out."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def wisdom_extraction(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "wisdom-extraction",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


WISDOM_EXTRACTION = Finding(
    name="wisdom-extraction",
    snomed=frozenset({
        "65546002",  # extraction of wisdom tooth
    }),
    regions=("mouth", "mandible"),
    grow=wisdom_extraction,
)  # fmt: skip
"""Shows in films inside the mouth."""
