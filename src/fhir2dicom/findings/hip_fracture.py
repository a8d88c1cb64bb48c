"""Fracture of a hip: the femoral neck, or the trochanters; the patient's seed says which."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def hip_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the break, the further displaced the more severe; neck and trochanters break about equally often."""
    part = "femoral neck" if seed.child("place").uniform() < 0.52 else "trochanters"
    return (Edit("fracture", part, plan.laterality, min(plan.severity, 1.0), seed.key()),)


HIP_FRACTURE = Finding(
    name="hip-fracture",
    snomed=frozenset(
        {
            "359817006",  # closed fracture of hip
            "5913000",  # fracture of neck of femur
            "263225007",  # fracture of proximal end of femur
        }
    ),
    regions=("hip", "pelvis", "femur"),
    grow=hip_fracture,
)
"""Fracture of a hip."""
