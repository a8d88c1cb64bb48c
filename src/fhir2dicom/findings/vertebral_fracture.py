"""Compression fracture of a vertebra: the front of the body lower than its back, most often about T12 and L1.

How much height is lost: 20 to 25 % is mild, to 40 % moderate, more severe (Genant et al., J Bone Miner Res 8:1137, 1993).
"""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

LEVELS = (("T7", 0.1), ("T8", 0.12), ("T11", 0.14), ("T12", 0.26), ("L1", 0.26), ("L2", 0.12))
"""Where, by share: two peaks, mid-thoracic and about the thoracolumbar junction (rounded by us)."""


def vertebral_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the compressed vertebra; ``numbers["loss"]`` is the share of its front's height that is lost."""
    at = seed.child("level").uniform()
    level = LEVELS[-1][0]
    for name, share in LEVELS:
        at -= share
        if at < 0:
            level = name
            break
    loss = 0.18 + 0.38 * min(plan.severity, 1.0) + seed.child("loss").uniform(-0.03, 0.03)
    return (
        Edit(
            "compression",
            f"vertebra_{level}",
            "",
            round(min(plan.severity, 1.0), 3),
            seed.key(),
            {"loss": round(loss, 3)},
        ),
    )


VERTEBRAL_FRACTURE = Finding(
    name="vertebral-fracture",
    snomed=frozenset({
        "42942008",  # compression fracture of vertebral column
        "15724005",  # fracture of vertebral column without spinal cord injury
        "1734006",  # fracture of the vertebral column with spinal cord injury
    }),
    regions=("thoracic-spine", "lumbar-spine", "chest", "ribs"),
    grow=vertebral_fracture,
)  # fmt: skip
"""A vertebra that has given way."""
