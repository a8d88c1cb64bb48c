"""A filling that the record dates."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def tooth_filling(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "dental-treatment",
            part="filling",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


TOOTH_FILLING = Finding(
    name="tooth-filling",
    snomed=frozenset({
        "1259293006",  # application of composite dental filling material to dentin
    }),
    regions=("mouth", "mandible"),
    grow=tooth_filling,
)  # fmt: skip
"""Shows in films inside the mouth."""
