"""The alveolar ridge sinks where teeth are gone."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def ridge_resorption(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "ridge-resorption",
            laterality=plan.laterality,
            amount=min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


RIDGE_RESORPTION = Finding(
    name="ridge-resorption",
    snomed=frozenset({
        "1255252008",  # resorption of alveolar process due to dental trauma
    }),
    regions=("mouth", "mandible"),
    grow=ridge_resorption,
)  # fmt: skip
"""Shows in films inside the mouth."""
