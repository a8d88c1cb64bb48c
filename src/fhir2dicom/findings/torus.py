"""A bony lump inside the lower jaw, which whitens the bone about the premolars."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def torus(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "torus",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


TORUS = Finding(
    name="torus",
    snomed=frozenset({
        "11625007",  # torus mandibularis
    }),
    regions=("mouth", "mandible"),
    grow=torus,
)  # fmt: skip
"""Shows in films inside the mouth."""
