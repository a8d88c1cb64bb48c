"""A filling that leaks: decay at its edge near the gum."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def filling_leaking(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "filling-trouble",
            part="leaking",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


FILLING_LEAKING = Finding(
    name="filling-leaking",
    snomed=frozenset({
        "278598003",  # leaking dental filling
    }),
    regions=("mouth", "mandible"),
    grow=filling_leaking,
)  # fmt: skip
"""Shows in films inside the mouth."""
