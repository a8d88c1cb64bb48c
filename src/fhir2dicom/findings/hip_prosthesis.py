"""Artificial hip: a stem, a head and a cup."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def hip_prosthesis(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the implant."""
    return (Edit("prosthesis", "hip", plan.laterality, 1.0, seed.key()),)


HIP_PROSTHESIS = Finding(
    name="hip-prosthesis",
    snomed=frozenset(
        {
            "52734007",  # total replacement of hip
        }
    ),
    regions=("hip", "pelvis", "femur"),
    grow=hip_prosthesis,
)
"""Artificial hip."""
