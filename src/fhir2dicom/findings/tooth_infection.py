"""A dead or dying tooth: deep decay, and bone gone about its apex."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def tooth_infection(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "tooth-infection",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


TOOTH_INFECTION = Finding(
    name="tooth-infection",
    snomed=frozenset({
        "427898007",  # infection of tooth
        "299709002",  # dental abscess
    }),
    regions=("mouth", "mandible"),
    grow=tooth_infection,
)  # fmt: skip
"""Shows in films inside the mouth."""
