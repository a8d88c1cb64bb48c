"""Gingivitis: the gum alone, which no film shows; some calculus, and hardly any bone gone."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def gingivitis(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "gum-disease",
            laterality=plan.laterality,
            amount=0.12 * min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


GINGIVITIS = Finding(
    name="gingivitis",
    snomed=frozenset({
        "66383009",  # gingivitis
    }),
    regions=("mouth", "mandible"),
    grow=gingivitis,
)  # fmt: skip
"""Shows in films inside the mouth."""
