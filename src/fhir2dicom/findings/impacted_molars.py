"""Third molars that lie in the jaw against the second ones."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def impacted_molars(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "impacted-molars",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


IMPACTED_MOLARS = Finding(
    name="impacted-molars",
    snomed=frozenset({
        "196416002",  # impacted molars
    }),
    regions=("mouth", "mandible"),
    grow=impacted_molars,
)  # fmt: skip
"""Shows in films inside the mouth."""
