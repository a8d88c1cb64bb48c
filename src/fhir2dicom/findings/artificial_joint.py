"""History of an artificial joint: which, the record does not say; a hip or a knee, as the patient's seed has it."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def artificial_joint(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the implant: knees are replaced somewhat more often than hips."""
    part = "knee" if seed.child("joint").uniform() < 0.58 else "hip"
    return (Edit("prosthesis", part, plan.laterality, 1.0, seed.key()),)


ARTIFICIAL_JOINT = Finding(
    name="artificial-joint",
    snomed=frozenset(
        {
            "161679004",  # history of artificial joint
        }
    ),
    regions=("hip", "pelvis", "knee", "femur", "lower-leg"),
    grow=artificial_joint,
)
"""History of an artificial joint."""
