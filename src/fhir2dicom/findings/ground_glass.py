"""Viral pneumonia and acute lung injury: hazy patches on both sides, below and outside first.

In COVID-19 both lungs, the periphery and the lower zones lead, most on the tenth to twelfth day (Wong et al., Radiology
296:E72, 2020). Size and number by severity are ours.
"""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import FindingPlan, Shape, Vec3
from fhir2dicom.seed import Seed

WITHIN = ("lung", "fissure", "lung_vessel_1", "lung_vessel_2")

PLACES: tuple[Vec3, ...] = (
    (-105.0, 200.0, 130.0), (112.0, 205.0, 140.0), (-88.0, 248.0, 155.0), (92.0, 255.0, 165.0), (-104.0, 170.0, 175.0),
    (110.0, 175.0, 185.0), (-70.0, 258.0, 190.0), (76.0, 266.0, 205.0), (-96.0, 150.0, 215.0), (102.0, 150.0, 222.0),
)  # fmt: skip
"""Atlas mm; the first are seen first."""


def ground_glass(plan: FindingPlan, seed: Seed) -> tuple[Shape, ...]:
    """Return the patches on the study's day: most on the eleventh, gone after two months."""
    days = max(plan.days, 0.0)
    stage = min(1.0, 0.45 + days / 20) if days < 11 else max(0.0, 1.0 - (days - 11) / 50)
    severity = plan.severity * stage
    out: list[Shape] = []
    for k, (x, y, z) in enumerate(PLACES[: round(len(PLACES) * min(severity * 1.2, 1.0))]):
        draw = seed.child("patch", k)
        r = 13.0 + 16.0 * severity + draw.child("r").uniform(-4, 5)
        centre = (
            x + draw.child("x").uniform(-9, 9),
            y + draw.child("y").uniform(-9, 9),
            z + draw.child("z").uniform(-14, 14),
        )
        radii = (round(r * 0.8, 2), round(r, 2), round(r * 1.15, 2))
        dense = severity > 0.6 and draw.child("dense").uniform() < 0.5
        out.append(Shape("ground_glass", _rounded(centre), radii, WITHIN, 0.4, draw.key()))
        if dense:
            core = (round(r * 0.5, 2), round(r * 0.6, 2), round(r * 0.6, 2))
            out.append(
                Shape("consolidation", _rounded(centre), core, (*WITHIN, "ground_glass"), 0.4, draw.key())
            )
    return tuple(out)


def _rounded(at: Vec3) -> Vec3:
    return round(at[0], 2), round(at[1], 2), round(at[2], 2)


GROUND_GLASS = Finding(
    name="ground-glass",
    snomed=frozenset({
        "840539006",  # COVID-19
        "840544004",  # suspected COVID-19
        "75570004",  # viral pneumonia
        "67782005",  # acute respiratory distress syndrome
    }),
    regions=("chest", "chest-abdomen"),
    grow=ground_glass,
)  # fmt: skip
"""Patchy haze in both lungs."""
