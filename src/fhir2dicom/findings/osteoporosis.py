"""Osteoporosis: less bone everywhere, cortex thinner and spongiosa emptier."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def osteoporosis(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the loss of bone, more in some than in others; a tenth of it every five years that it is known (ours)."""
    loss = 0.45 + 0.35 * min(plan.severity, 1.0) + seed.child("loss").uniform(-0.1, 0.1)
    loss += min(0.1, 0.02 * plan.days / 365.0)
    return (Edit("osteoporosis", amount=round(min(loss, 1.0), 3)),)


OSTEOPOROSIS = Finding(
    name="osteoporosis",
    snomed=frozenset({"64859006"}),  # osteoporosis
    regions=(
        "abdomen",
        "ankle",
        "elbow",
        "femur",
        "foot",
        "forearm",
        "hand",
        "hip",
        "humerus",
        "knee",
        "lower-leg",
        "lumbar-spine",
        "pelvis",
        "shoulder",
        "wrist",
    ),
    grow=osteoporosis,
)
"""Osteoporosis."""
