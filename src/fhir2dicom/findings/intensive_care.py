"""Tubes and lines of intensive care: on the films of those days only."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

DAYS = 4.0
"""How long a line stays, when the record does not say that it was taken out; ours."""

BREATHING_DAYS = 1.0
"""How long a patient stays on the ventilator, when the record does not say; ours."""


def _while_in(plan: FindingPlan, seed: Seed, *parts: str, days: float = DAYS) -> tuple[Edit, ...]:
    if plan.days > days:
        return ()
    return tuple(Edit("device", part, "R", key=seed.child(part).key()) for part in parts)


def intubation(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return a tube in the trachea, another in the stomach, and a line that stays longer than they."""
    tubes = _while_in(plan, seed, "endotracheal-tube", "gastric-tube", days=BREATHING_DAYS)
    return (*tubes, *_while_in(plan, seed, "central-line"))


def pulmonary_catheter(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return a catheter in the pulmonary artery."""
    return _while_in(plan, seed, "pulmonary-catheter")


def gastric_tube(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return a tube through the oesophagus."""
    return _while_in(plan, seed, "gastric-tube")


INTUBATION = Finding(
    name="intubation",
    snomed=frozenset({"52765003"}),  # intubation
    regions=("chest",),
    grow=intubation,
)
"""A patient on a ventilator."""

PULMONARY_CATHETER = Finding(
    name="pulmonary-catheter",
    snomed=frozenset({"65677008"}),  # pulmonary catheterization with Swan-Ganz catheter
    regions=("chest",),
    grow=pulmonary_catheter,
)
"""A Swan-Ganz catheter."""

GASTRIC_TUBE = Finding(
    name="gastric-tube",
    snomed=frozenset({"17102003"}),  # nasogastric tube, device
    regions=("chest", "abdomen"),
    grow=gastric_tube,
)
"""A tube into the stomach."""
