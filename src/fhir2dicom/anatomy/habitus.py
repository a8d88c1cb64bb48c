"""How a person's build differs from the donor's: proportions by age and sex, fat by body mass index.

Sources. Median body mass index of children from 3 years on: Kuczmarski et al., 2000 CDC growth charts, Vital Health
Stat 11(246), mean of both sexes. The rest is rounded by us and not checked against the originals: breadth and depth
of children's chests after Snyder et al., Anthropometry of infants, children and youths, University of Michigan
UM-HSRI-77-17 (1977), the gain of the waist with the body mass index after NHANES (Fryar et al., Vital Health Stat
3(46), 2021); how much of it is fat under the skin, how much within the belly, is our own estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Person
from fhir2dicom.seed import Seed

DONOR_HEIGHT_M = 1.70

#            years  breadth  depth    of the chest relative to stature, adult 1
_BREADTH = ((1, 1.20), (3, 1.10), (6, 1.02), (10, 0.98), (14, 0.96), (18, 1.0))
_DEPTH = ((1, 1.45), (3, 1.26), (6, 1.10), (10, 1.01), (14, 0.96), (18, 0.98), (40, 1.0), (75, 1.06))
_MEDIAN_BMI = ((1, 16.8), (3, 15.8), (6, 15.3), (10, 16.8), (14, 19.3), (18, 21.6), (25, 24.0))
_LEAN = ((1, 4.0), (6, 8.0), (10, 8.0), (14, 6.0), (18, 3.0), (25, 0.0))
"""Years, mm: how much thinner the fat of a child of median weight is than the scaled donor's."""


@dataclass(frozen=True, slots=True)
class Habitus:
    """A build, in numbers that the warp applies to the atlas."""

    scale: tuple[float, float, float]
    """Patient mm per atlas mm along x, y, z."""
    abdomen_fat_mm: float
    """Subcutaneous fat beside what the donor has, atlas mm, at the waist."""
    chest_fat_mm: float
    visceral_mm: float
    """How far the wall of the belly is pushed out, atlas mm."""
    breast_mm: float
    """Height of the breasts over the chest wall beside the donor's, atlas mm."""
    kyphosis_mm: float
    """How far the middle of the thoracic spine lies back, atlas mm."""
    heart: float
    """How much wider the heart is than the donor's."""
    young: float
    """1 at birth … 0 in the grown: how much larger liver, kidneys and spleen are for the trunk."""


def habitus(person: Person, seed: Seed) -> Habitus:
    """Return the build of a person; what the record does not say is drawn."""
    draw = seed.child("habitus")
    age, woman = person.age_years, person.sex == "F"
    excess = max(-11.0, min(person.bmi - between(_MEDIAN_BMI, age), 30.0))
    breadth = between(_BREADTH, age) * (0.965 if woman and age >= 14 else 1.0) * (1 + 0.006 * excess)
    depth = between(_DEPTH, age) * (0.97 if woman and age >= 14 else 1.0) * (1 + 0.006 * excess)
    shape = draw.child("depth").normal(0.0, 0.045)
    tall = person.height_m / DONOR_HEIGHT_M
    scale = (
        tall * breadth * (1 - 0.5 * shape),
        tall * depth * (1 + shape),
        tall * (1 + draw.child("trunk").normal(0.0, 0.02)),
    )
    across = (scale[0] + scale[1]) / 2
    lean = between(_LEAN, age)
    gain = (1.9 if woman else 1.6) if excess > 0 else 1.0
    grown = min(max((age - 11) / 6, 0.0), 1.0) if woman else 0.0
    breast = grown * (10 + 0.9 * max(excess, -8.0) + draw.child("breast").normal(0.0, 6.0))
    return Habitus(
        scale=scale,
        abdomen_fat_mm=(gain * excess - lean) / across,
        chest_fat_mm=(0.75 * gain * excess - lean * 0.6) / across,
        visceral_mm=(0.8 if woman else 1.2) * excess / across * (1.0 if excess > 0 else 0.5),
        breast_mm=max(breast, -4.0) / across,
        kyphosis_mm=max(0.0, age - 45) * 0.28 * (1.15 if woman else 0.9)
        + draw.child("kyphosis").normal(0.0, 3.0) * min(age / 18, 1.0),
        heart=0.0 + 0.0025 * max(0.0, age - 60) + 0.003 * max(0.0, excess),
        young=max(0.0, 1 - age / 15),
    )
