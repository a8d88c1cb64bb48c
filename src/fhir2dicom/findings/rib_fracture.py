"""Fracture of ribs: one to four neighbours on one side, behind or in front of the flank.

Ribs 4 to 9 break most often, 4 to 7 above all (of ribs in series: Liebsch et al., PLoS ONE 14:e0224105, 2019); the shares are
ours.
"""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan, Laterality
from fhir2dicom.seed import Seed

FIRST, LAST = 4, 9
_BEHIND = 0.6
"""Share of breaks at the angle behind; the others are in front of the flank (ours)."""
_DAYS_TO_CALLUS, _DAYS_TO_UNION = 21.0, 120.0


def rib_fracture(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the breaks: more of them and further displaced the more severe.

    Numbers: ``along`` 0 … 1 from the spine to the cartilage, ``shift_mm`` of the front part inwards, ``healed`` 0 … 1.
    """
    side: Laterality = "L" if plan.laterality == "L" else "R"
    many = 1 + int(min(plan.severity, 0.99) * 4 * seed.child("many").uniform(0.5, 1.0))
    start = FIRST + seed.child("rib").integer(LAST - FIRST + 2 - many)
    behind = seed.child("behind").uniform() < _BEHIND
    along = seed.child("along").uniform(*((0.25, 0.40) if behind else (0.60, 0.72)))
    healed = min(max((plan.days - _DAYS_TO_CALLUS) / (_DAYS_TO_UNION - _DAYS_TO_CALLUS), 0.0), 1.0)
    return tuple(
        Edit(
            "fracture",
            f"rib_{start + k:02d}_{side.lower()}",
            side,
            round(min(plan.severity, 1.0), 3),
            seed.child("break", k).key(),
            {
                "along": round(along + seed.child("wander", k).uniform(-0.03, 0.03), 4),
                "shift_mm": round(
                    0.4 + 4.5 * max(plan.severity - 0.25, 0.0) * seed.child("shift", k).uniform(0.5, 1.0), 3
                ),
                "healed": round(healed, 3),
            },
        )
        for k in range(many)
    )


RIB_FRACTURE = Finding(
    name="rib-fracture",
    snomed=frozenset({"33737001"}),  # fracture of rib
    regions=("chest", "ribs", "chest-abdomen", "thoracic-spine"),
    grow=rib_fracture,
)
"""Broken ribs."""
