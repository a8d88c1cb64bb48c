"""Disease of the gum that reaches the bone: crests sink between the teeth, with calculus on some necks."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def gum_disease(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return what changes in the mouth; which teeth is the mouth's own draw."""
    return (
        Edit(
            "gum-disease",
            laterality=plan.laterality,
            amount=0.25 + 0.75 * min(1.0, plan.severity),
            key=seed.key(),
            numbers={"days": plan.days},
        ),
    )


GUM_DISEASE = Finding(
    name="gum-disease",
    snomed=frozenset({
        "18718003",  # gingival disease
        "2556008",  # periodontal disease
        "41565005",  # periodontitis
        "5689008",  # chronic periodontitis
        "83412009",  # periodontal abscess
    }),
    regions=("mouth", "mandible"),
    grow=gum_disease,
)  # fmt: skip
"""Shows in films inside the mouth."""
