"""Stones that hold calcium: nine of ten in the kidney, one or two of ten in the gallbladder show on a film."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import FindingPlan, Shape, Vec3
from fhir2dicom.seed import Seed

_KIDNEY: tuple[Vec3, ...] = (
    (-66.0, 204.0, 26.0),
    (-72.0, 206.0, 12.0),
    (68.0, 206.0, 30.0),
    (74.0, 207.0, 14.0),
)
_GALLBLADDER: Vec3 = (-60.0, 116.0, 38.0)


def kidney_stone(plan: FindingPlan, seed: Seed) -> tuple[Shape, ...]:
    """Return one stone of 3 to 14 mm in a calyx of the side that is said."""
    places = [p for p in _KIDNEY if (p[0] < 0) == (plan.laterality == "R")]
    x, y, z = places[seed.child("place").integer(len(places))]
    r = 1.6 + 5.5 * plan.severity * seed.child("size").uniform(0.4, 1.0)
    within = ("kidney_cortex", "kidney_medulla", "fat")
    return (
        Shape(
            "stone", (x, y, z), (round(r, 2), round(r * 0.8, 2), round(r * 1.15, 2)), within, 0.25, seed.key()
        ),
    )


def gallstones(plan: FindingPlan, seed: Seed) -> tuple[Shape, ...]:
    """Return stones in the gallbladder: of calcium in one of six, else of cholesterol, which neither film nor CT shows."""
    if seed.child("calcium").uniform() > 1 / 6:
        return ()
    out = []
    for k in range(2 + int(6 * plan.severity)):
        draw = seed.child(k)
        x, y, z = (_GALLBLADDER[a] + draw.child(a).uniform(-7, 7) for a in range(3))
        r = draw.child("r").uniform(2.0, 4.5)
        out.append(
            Shape(
                "calcification",
                (round(x, 2), round(y, 2), round(z, 2)),
                (r, r, r),
                ("gallbladder",),
                0.1,
                draw.key(),
            )
        )
    return tuple(out)


KIDNEY_STONE = Finding(
    name="kidney-stone",
    snomed=frozenset({"95570007"}),  # kidney stone
    regions=("abdomen", "chest-abdomen", "lumbar-spine"),
    grow=kidney_stone,
)
"""A stone in a kidney."""

GALLSTONES = Finding(
    name="gallstones",
    snomed=frozenset({"235919008"}),  # cholelithiasis
    regions=("abdomen", "chest-abdomen"),
    grow=gallstones,
)
"""Stones in the gallbladder."""
