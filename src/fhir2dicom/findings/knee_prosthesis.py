"""Artificial knee: a shield on the femur, a tray on the tibia."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def knee_prosthesis(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the implant."""
    return (Edit("prosthesis", "knee", plan.laterality, 1.0, seed.key()),)


KNEE_PROSTHESIS = Finding(
    name="knee-prosthesis",
    snomed=frozenset(
        {
            "609588000",  # total replacement of knee
        }
    ),
    regions=("knee", "femur", "lower-leg"),
    grow=knee_prosthesis,
)
"""Artificial knee."""
