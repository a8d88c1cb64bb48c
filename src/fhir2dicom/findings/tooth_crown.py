"""A tooth that was built up over all its cusps, as a crown does."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def tooth_crown(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "dental-treatment",
            part="crown",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


TOOTH_CROWN = Finding(
    name="tooth-crown",
    snomed=frozenset({
        "1256042007",  # restoration of tooth with coverage of all cusps
    }),
    regions=("mouth", "mandible"),
    grow=tooth_crown,
)  # fmt: skip
"""Shows in films inside the mouth."""
