"""Teeth lost, two to nearly all of them: who has a denture has lost many."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def tooth_loss(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "tooth-loss",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


TOOTH_LOSS = Finding(
    name="tooth-loss",
    snomed=frozenset({
        "37320007",  # loss of teeth
        "1269321004",  # fitting of denture
        "8060009",  # denture
    }),
    regions=("mouth", "mandible"),
    grow=tooth_loss,
)  # fmt: skip
"""Shows in films inside the mouth."""
