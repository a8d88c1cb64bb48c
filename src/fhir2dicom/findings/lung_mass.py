"""Lung cancer: one spiculated mass in a lobe, at the same place in every study, growing with time.

Where: upper lobes and the right side first; the right upper lobe has 31 % in Nilssen et al. (BMC Pulm Med 2024,
10 849 cancers), the other shares are rounded by us. How large: as the T descriptor of the 8th TNM edition grows with
severity; then a small one doubles its volume in 160 days, which is slow beside the cancers that screening finds
(median 98 days; Henschke et al., Radiology 263:578, 2012), and slows towards 90 mm.
"""

from __future__ import annotations

from itertools import accumulate

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import FindingPlan, Shape, Vec3
from fhir2dicom.seed import Seed

WITHIN = ("lung", "fissure", *(f"lung_vessel_{k}" for k in range(1, 5)))
"""What a mass may replace: the lung and what runs in it."""

SUSPECTED_MM = (8.0, 16.0)
"""Diameter of what is only suspected."""

# lobe                 side share  places in the atlas, mm (x to the left, y back, z up)
LOBES: tuple[tuple[str, str, float, tuple[Vec3, ...]], ...] = (
    ("right upper lobe", "R", 0.33, ((-68.0, 172.0, 262.0), (-84.0, 193.0, 226.0), (-62.0, 131.0, 242.0))),
    ("right middle lobe", "R", 0.06, ((-72.0, 122.0, 176.0), (-92.0, 150.0, 172.0))),
    ("right lower lobe", "R", 0.2, ((-77.0, 238.0, 190.0), (-84.0, 223.0, 140.0), (-58.0, 254.0, 214.0))),
    ("left upper lobe", "L", 0.26, ((92.0, 166.0, 232.0), (63.0, 185.0, 276.0), (72.0, 127.0, 222.0))),
    ("left lower lobe", "L", 0.15, ((78.0, 226.0, 157.0), (70.0, 248.0, 206.0), (98.0, 205.0, 160.0))),
)


def lung_mass(plan: FindingPlan, seed: Seed) -> tuple[Shape, ...]:
    """Return the mass on the study's day; ``severity`` 0 … 1 is its stage, 0.1 and less: only suspected."""
    side = plan.laterality if plan.laterality in ("L", "R") else ""
    lobes = [lobe for lobe in LOBES if not side or lobe[1] == side]
    x, y, z = _place(lobes, seed)
    shift = [seed.child("shift", a).uniform(-8.0, 8.0) for a in "xyz"]
    d = diameter_mm(plan, seed)
    flat = [1 + seed.child("radius", a).normal(0.0, 0.07, 1.5) for a in "xyz"]
    even = (flat[0] * flat[1] * flat[2]) ** (1 / 3)
    rx, ry, rz = (round(d / 2 * f / even, 3) for f in flat)
    return (
        Shape(
            tissue="tumour",
            center_mm=(round(x + shift[0], 2), round(y + shift[1], 2), round(z + shift[2], 2)),
            radii_mm=(rx, ry, rz),
            within=WITHIN,
            roughness=0.16 if plan.severity > 0.1 else 0.1,
            key=seed.child("surface").key(),
        ),
    )


def _place(lobes: list[tuple[str, str, float, tuple[Vec3, ...]]], seed: Seed) -> Vec3:
    at = seed.child("lobe").uniform(0.0, sum(share for _, _, share, _ in lobes))
    ends = accumulate(share for _, _, share, _ in lobes)
    places = next((lobe[3] for lobe, end in zip(lobes, ends, strict=True) if at < end), lobes[-1][3])
    return places[seed.child("place").integer(len(places))]


def diameter_mm(plan: FindingPlan, seed: Seed) -> float:
    """Return the diameter on the study's day, atlas mm."""
    if plan.severity <= 0.1:
        return round(seed.child("size").uniform(*SUSPECTED_MM), 2)
    first = 12.0 + 42.0 * min(plan.severity, 1.0) + seed.child("size").uniform(-5.0, 5.0)
    # the diameter doubles in three doubling times of the volume; half-way to 90 mm it has slowed to half
    grown = first + (90.0 - first) * (max(plan.days, 0.0) / (max(plan.days, 0.0) + 2400.0))
    return round(grown, 2)


LUNG_MASS = Finding(
    name="lung-mass",
    snomed=frozenset({
        "254637007",  # non-small cell lung cancer
        "254632001",  # small cell carcinoma of lung
        "424132000",  # non-small cell carcinoma of lung, TNM stage 1
        "425048006",  # stage 2
        "422968005",  # stage 3
        "423121009",  # stage 4
        "67811000119102",  # primary small cell malignant neoplasm of lung, TNM stage 1
        "67821000119109",  # stage 2
        "67831000119107",  # stage 3
        "67841000119103",  # stage 4
        "93880001",  # primary malignant neoplasm of lung
        "363358000",  # malignant tumour of lung
        "162573006",  # suspected lung cancer
    }),
    regions=("chest", "chest-abdomen"),
    grow=lung_mass,
)  # fmt: skip
"""A mass, or the nodule that is suspected to be one."""
