"""A filling that is loose: decay under it."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def filling_loose(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "filling-trouble",
            part="loose",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


FILLING_LOOSE = Finding(
    name="filling-loose",
    snomed=frozenset({
        "278602001",  # loose dental filling
    }),
    regions=("mouth", "mandible"),
    grow=filling_loose,
)  # fmt: skip
"""Shows in films inside the mouth."""
