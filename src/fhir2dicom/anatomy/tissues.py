"""The tissues of the torso: one row each, and what age and sex change in them.

CT numbers are at 120 kV. Without contrast medium they follow from the compositions of ICRU Report 46
(1992) and ICRP Publication 110 (2009) by the stoichiometric method of Schneider et al. (Phys Med Biol
41:111, 1996), moved by up to 12 HU to what clinical scans show; bone is lower, as a voxel of 1 mm holds
marrow too. With contrast medium they are our own choice within what is usual 30 s (arterial) and 70 s
(portal-venous) after 1.5 ml/kg of 300 to 350 mg I/ml, timing and dose as in Bae (Radiology 256:32, 2010):
they are not the means of one series. `hu_sd` is texture inside the organ, before noise.

Trabecular bone of the vertebrae by age: Jang et al., Radiology 291:360 (2019): 226 HU below 30 years, 2.5 HU
less a year, 89 HU from 90 years on; below 25 years our own estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from fhir2dicom.model import Person, Tissue

LUNG_HU, BLOOD_HU = -855.0, 42.0

VESSEL_STEPS = 4
"""A thin vessel fills a voxel in quarters: labels ``lung_vessel_1`` … ``lung_vessel_4``."""

_ROWS: tuple[tuple[str, float, float, float | None, float | None], ...] = (
    # name                 HU   sd  arterial portal
    ("air", -1000, 0, None, None),
    ("skin", 10, 12, 14, 20),
    ("fat", -102, 9, None, None),
    ("muscle", 54, 9, 58, 64),
    ("lung", LUNG_HU, 18, None, None),
    ("fissure", -725, 18, None, None),
    ("airway", -995, 3, None, None),
    ("airway_wall", 20, 12, 35, 40),
    ("cortical", 780, 90, None, None),
    ("trabecular", 170, 40, None, None),
    ("cartilage", 95, 22, None, None),
    ("left_heart", BLOOD_HU, 4, 290, 150),
    ("right_heart", BLOOD_HU, 5, 240, 148),
    ("myocardium", 46, 5, 95, 105),
    ("aorta", BLOOD_HU, 4, 300, 155),
    ("artery", BLOOD_HU, 5, 290, 150),
    ("vein", BLOOD_HU, 5, 120, 148),
    ("pulmonary_artery", BLOOD_HU, 5, 230, 145),
    ("pulmonary_vein", BLOOD_HU, 5, 280, 150),
    ("liver", 58, 6, 70, 108),
    ("liver_vessel", 46, 5, 68, 160),
    ("portal_vein", 43, 5, 95, 170),
    ("spleen", 48, 5, 125, 122),
    ("kidney_cortex", 34, 5, 185, 190),
    ("kidney_medulla", 29, 5, 85, 165),
    ("gallbladder", 8, 4, None, None),
    ("bowel_wall", 40, 9, 75, 88),
    ("bowel_content", 22, 14, None, None),
    ("stool", -10, 60, None, None),
    ("bowel_gas", -940, 12, None, None),
    ("pancreas", 40, 9, 98, 92),
    ("adrenal", 22, 7, 60, 68),
    ("oesophagus", 36, 9, 55, 68),
    ("thyroid", 105, 9, 190, 165),
    ("spinal_cord", 36, 4, None, None),
    ("spinal_fluid", 12, 5, None, None),
    ("disc", 78, 9, None, None),
    ("breast_gland", 25, 22, 32, 42),
    ("calcification", 520, 80, None, None),
    ("tumour", 38, 10, 75, 80),
    ("consolidation", 30, 12, 80, 85),
    ("fluid", 6, 5, None, None),
    ("stone", 900, 60, None, None),
    *((f"lung_vessel_{k}", LUNG_HU + (BLOOD_HU - LUNG_HU) * k / VESSEL_STEPS, 8.0,
       LUNG_HU + (220 - LUNG_HU) * k / VESSEL_STEPS, LUNG_HU + (140 - LUNG_HU) * k / VESSEL_STEPS)
      for k in range(1, VESSEL_STEPS + 1)),
    ("ground_glass", -500, 45, None, None),
)  # fmt: skip

TABLE: tuple[Tissue, ...] = tuple(Tissue(*row) for row in _ROWS)
"""Row k is label value k of the torso atlas."""

LABEL: Mapping[str, int] = {tissue.name: k for k, tissue in enumerate(TABLE)}
"""Label value by name of tissue."""

_TRABECULAR_BY_AGE = ((0.0, 215.0), (12.0, 226.0), (25.0, 226.0), (50.0, 170.0), (70.0, 120.0), (90.0, 89.0))
"""Age in years, HU of the trabecular bone of a vertebra (L1 scale)."""


def of_person(person: Person) -> tuple[Tissue, ...]:
    """Return the table for one person: bone by age, breast by sex and age, calcified walls in the old."""
    age = person.age_years
    rows = list(TABLE)

    def like(name: str, other: str) -> None:
        rows[LABEL[name]] = replace(TABLE[LABEL[other]], name=name)

    def hu(name: str, value: float) -> None:
        rows[LABEL[name]] = replace(TABLE[LABEL[name]], hu=value)

    hu("trabecular", between(_TRABECULAR_BY_AGE, age))
    hu("cortical", 780.0 - max(0.0, age - 50) * 3.0 - (180.0 if age < 12 else 0.0))
    hu("cartilage", 70.0 + min(age, 80.0) * 0.5)
    if person.sex != "F" or age < 14:
        like("breast_gland", "fat")
    else:
        fat, dense = TABLE[LABEL["fat"]].hu, max(0.15, min(1.0, 1.25 - age / 80))
        hu("breast_gland", fat + (30 - fat) * dense)
    if age < 55:
        like("calcification", "aorta")
    return tuple(rows)


def between(rows: tuple[tuple[float, float], ...], x: float) -> float:
    """Return the value at ``x`` of a table of (x, value), straight between rows and flat beyond them."""
    for (x0, y0), (x1, y1) in pairwise(rows):
        if x <= x1:
            return y0 + (y1 - y0) * min(max((x - x0) / (x1 - x0), 0.0), 1.0)
    return rows[-1][1]
