"""A filling that is broken: the hole it leaves, and decay."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def filling_fractured(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "filling-trouble",
            part="fractured",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


FILLING_FRACTURED = Finding(
    name="filling-fractured",
    snomed=frozenset({
        "278588009",  # fractured dental filling
    }),
    regions=("mouth", "mandible"),
    grow=filling_fractured,
)  # fmt: skip
"""Shows in films inside the mouth."""
