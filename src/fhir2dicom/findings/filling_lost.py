"""A filling that is lost: the hole it leaves, and decay at its edge."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def filling_lost(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "filling-trouble",
            part="lost",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


FILLING_LOST = Finding(
    name="filling-lost",
    snomed=frozenset({
        "278558000",  # dental filling lost
    }),
    regions=("mouth", "mandible"),
    grow=filling_lost,
)  # fmt: skip
"""Shows in films inside the mouth."""
