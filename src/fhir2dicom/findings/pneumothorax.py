"""Pneumothorax: air between lung and chest wall, a lung that has sunk towards its hilum. On films; sections lack it."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

DAYS = 30.0
"""After so long it has been drained or taken up, if the record does not say; ours."""


def pneumothorax(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the air of one side: less from day to day."""
    left = 1.0 - plan.days / DAYS
    if left <= 0:
        return ()
    return (
        Edit(
            "pneumothorax", laterality=plan.laterality, amount=round(plan.severity * left, 3), key=seed.key()
        ),
    )


PNEUMOTHORAX = Finding(
    name="pneumothorax",
    snomed=frozenset({"36118008"}),  # pneumothorax
    regions=("chest", "ribs"),
    grow=pneumothorax,
)
"""A collapsed lung."""
