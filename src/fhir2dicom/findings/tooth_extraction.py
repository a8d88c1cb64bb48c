"""Teeth that were taken out: a socket that fills within months, then a ridge that sinks."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def tooth_extraction(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "tooth-extraction",
            laterality=plan.laterality,
            amount=0.4,
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


TOOTH_EXTRACTION = Finding(
    name="tooth-extraction",
    snomed=frozenset({
        "173291009",  # simple extraction of tooth
        "55162003",  # tooth extraction
        "61804006",  # alveolitis of jaw, after an extraction
    }),
    regions=("mouth", "mandible"),
    grow=tooth_extraction,
)  # fmt: skip
"""Shows in films inside the mouth."""
