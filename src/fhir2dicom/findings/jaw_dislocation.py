"""Dislocation of the temporomandibular joint: both condyles in front of their eminence, the mouth open."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def jaw_dislocation(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the dislocation; ``severity`` 0 … 1 is how far in front the condyles stand."""
    return (Edit("dislocation", "temporomandibular", "B", round(min(plan.severity, 1.0), 3), seed.key()),)


JAW_DISLOCATION = Finding(
    name="jaw-dislocation",
    snomed=frozenset({"81629009"}),  # traumatic dislocation of temporomandibular joint
    regions=("mandible", "face", "skull"),
    grow=jaw_dislocation,
)
"""A jaw out of its joint."""
