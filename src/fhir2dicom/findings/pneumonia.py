"""Pneumonia: alveoli of one lobe filled, patch by patch, in places that are one and the same in every study."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import FindingPlan, Shape, Vec3
from fhir2dicom.seed import Seed

WITHIN = ("lung", "fissure", "lung_vessel_1", "lung_vessel_2")
"""What fills; larger vessels and bronchi stay, the bronchi as dark branches."""

#            lobe                 side  share  places in the atlas, mm
LOBES: tuple[tuple[str, str, float, tuple[Vec3, ...]], ...] = (
    ("right lower lobe", "R", 0.33, ((-78.0, 225.0, 140.0), (-60.0, 238.0, 165.0), (-92.0, 212.0, 125.0))),
    ("left lower lobe", "L", 0.27, ((72.0, 232.0, 150.0), (60.0, 245.0, 178.0), (92.0, 215.0, 140.0))),
    ("right middle lobe", "R", 0.16, ((-62.0, 128.0, 165.0), (-84.0, 140.0, 160.0), (-50.0, 120.0, 178.0))),
    ("right upper lobe", "R", 0.14, ((-72.0, 165.0, 246.0), (-60.0, 185.0, 262.0), (-84.0, 150.0, 228.0))),
    ("left upper lobe", "L", 0.10, ((78.0, 150.0, 225.0), (66.0, 170.0, 250.0), (92.0, 140.0, 205.0))),
)
"""Lower lobes first; the shares are ours."""


def pneumonia(plan: FindingPlan, seed: Seed) -> tuple[Shape, ...]:
    """Return patches of consolidation in one lobe, and ground glass round them; they clear over six weeks."""
    left = max(0.0, 1.0 - max(plan.days - 5.0, 0.0) / 42.0)
    severity = plan.severity * left
    if severity < 0.03:
        return ()
    at = seed.child("lobe").uniform()
    places, total = LOBES[-1][3], 0.0
    for _, _, share, where in LOBES:
        total += share
        if at < total:
            places = where
            break
    out: list[Shape] = []
    for k, (x, y, z) in enumerate(places[: 1 + round(2 * min(severity * 1.3, 1.0))]):
        draw = seed.child("patch", k)
        r = 12.0 + 20.0 * severity + draw.child("r").uniform(-3, 3)
        shift = [draw.child(a).uniform(-7, 7) for a in "xyz"]
        centre = (round(x + shift[0], 2), round(y + shift[1], 2), round(z + shift[2], 2))
        haze = round(r * 1.3, 2)
        out.append(Shape("ground_glass", centre, (haze, haze, haze), WITHIN, 0.35, draw.key()))
        radii = (round(r, 2), round(r * 0.9, 2), round(r * 0.85, 2))
        out.append(Shape("consolidation", centre, radii, (*WITHIN, "ground_glass"), 0.35, draw.key()))
    return tuple(out)


PNEUMONIA = Finding(
    name="pneumonia",
    snomed=frozenset({
        "233604007",  # pneumonia
        "53084003",  # bacterial pneumonia
        "385093006",  # community acquired pneumonia
    }),
    regions=("chest", "chest-abdomen"),
    grow=pneumonia,
)  # fmt: skip
"""Lobar pneumonia."""
