"""The breasts: one three-dimensional thing a side, keyed on the woman, pressed as a view asks.

Sizes: compressed thickness 59 mm, standard deviation 16 (Yaffe et al., Med Phys 36:5437, 2009), larger with body mass
index; depth and width ours. Density: shares of BI-RADS a, b, c, d of 13, 43, 36 and 7 per cent, falling with age and body mass
index (Sprague et al., J Natl Cancer Inst 106:dju255, 2014); how fast it falls is rounded by us.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from fhir2dicom.anatomy.breast_findings import Change, changes, lumps_and_grains
from fhir2dicom.anatomy.breast_form import Form, outline, pectoral, turned
from fhir2dicom.anatomy.breast_inside import LIGAMENT, Inside, across, inside, ligaments, strands
from fhir2dicom.anatomy.region import Plain, Region
from fhir2dicom.errors import PlanError
from fhir2dicom.model import Box, Code, Edit, Floats, Gland, Grown, Laterality, Person, Pressed, Strands
from fhir2dicom.seed import Seed

YOUNGEST = 10.0
"""Years: there is no breast to press before puberty."""

# BI-RADS category, and up to where in the population it goes
_CLASSES = (("a", 0.13), ("b", 0.56), ("c", 0.92), ("d", 1.0))

# order in the population 0 … 1: amount of gland, spread, rim mm, back mm, strands (`model.Gland`), set so that the dense
# share of a cranio-caudal film stays in the quartiles that the 4th edition of BI-RADS gave its categories
_GLANDS = (
    (0.00, -1.70, 0.30, 16.0, 22.0, 1.15),
    (0.13, -1.20, 0.42, 14.0, 18.0, 1.05),
    (0.35, -0.85, 0.55, 12.0, 14.0, 1.0),
    (0.56, -0.60, 0.70, 10.0, 10.0, 0.9),
    (0.75, -0.35, 0.95, 8.0, 7.0, 0.8),
    (0.92, -0.05, 1.30, 8.0, 6.0, 0.65),
    (1.00, 0.30, 1.70, 7.5, 5.0, 0.5),
)


@dataclass(frozen=True, eq=False)
class Breasts(Plain):
    """A person's breasts, with findings grown in."""

    person: Person
    seed: Seed
    edits: tuple[Edit, ...]
    _sides: dict[Laterality, tuple[Form, Inside, Change]] = field(default_factory=dict)

    @property
    def field(self) -> Box:
        """Return a box about the front of the chest; nothing slices it."""
        return Box((-160.0, -220.0, -150.0), (160.0, 0.0, 150.0))

    @cached_property
    def order(self) -> float:
        """Return the woman's place in the population by density, 0 … 1, on the study's day."""
        person, own = self.person, self.seed.child("density").normal()
        z = (own - 0.36 * (person.age_years - 53) / 11 - 0.5 * (person.bmi - 27.5) / 5.5) / 1.19
        return _share(z) if person.sex != "M" else 0.04 * self.seed.child("male").uniform()

    @property
    def density(self) -> str:
        """Return the BI-RADS category."""
        return next((name for name, high in _CLASSES if self.order < high), "d")

    @property
    def large(self) -> bool:
        """Say whether she needs the larger paddle, 24 by 30 cm."""
        forms = [self.form(side) for side in ("L", "R")]
        return any(
            f.width_mm > 98 or f.depth_mm > 118 or f.width_mm * 1.6 + 1.5 * f.droop_mm > 192 for f in forms
        )

    def form(self, laterality: Laterality) -> Form:
        """Return the measures of one breast."""
        person, both, side = self.person, self.seed, self.seed.child(laterality)
        man = person.sex == "M"
        bmi = _within((person.bmi - 27.5) / 5.5, -2.0, 2.6)
        size = 0.4 * bmi - 1.2 if man else 0.62 * bmi + 0.72 * both.child("size").normal()
        grown = 0.62 if man else _within((person.age_years - YOUNGEST) / 6.0, 0.35, 1.0)
        droop = both.child("droop").normal(8, 6) + 5 * size + 0.2 * (person.age_years - 50)
        firm = 8 * both.child("firm").normal() + side.child("firm").normal(0, 2)
        depth = _within(92 * (1 + 0.17 * size), 50, 150) * grown * side.child("depth").normal(1, 0.02)
        width = _within(92 * (1 + 0.11 * size), 66, 128) * (0.5 + 0.5 * grown)
        return Form(
            depth_mm=round(depth, 3),
            width_mm=round(width * side.child("width").normal(1, 0.015), 3),
            droop_mm=round(_within(droop, 0.0, 34.0), 3),
            thickness_mm=round(_within(59 + 13 * size + firm, 22, 105) * (0.75 + 0.25 * grown), 1),
            nipple_mm=round((5.0 + both.child("nipple").normal(0, 0.6)) * (0.75 if man else 1.0), 3),
            seed=both,
            own=side,
        )

    def pressed(self, view: str, laterality: Laterality) -> Pressed:
        """Return one breast as a view presses it: CC, MLO or ML.

        Raises
        ------
        PlanError
            Before puberty, or where the record says that the breast was removed.
        """
        if self.person.age_years < YOUNGEST:
            raise PlanError("breast", f"not made at {self.person.age_years:.0f} years: no breast to press")
        if any(e.kind == "mastectomy" and e.laterality in (laterality, "B") for e in self.edits):
            raise PlanError("breast", f"the {'left' if laterality == 'L' else 'right'} breast was removed")
        form, within, change = self._side(laterality)
        skin, nipple = outline(form, view)
        gland, muscle = self.gland(), pectoral(form, view)
        lines = strands([*within.lines, *change.lines], view)
        tents = strands([(s, LIGAMENT) for s in ligaments(form, view, skin, gland.strands)], "CC")
        lumps, grains = lumps_and_grains(within, change, view, muscle)
        below = form.width_mm * 0.80 + 0.75 * form.droop_mm + form.own.child("below").uniform(6, 24)
        low = float(-skin[:, 1].min()) if view == "CC" else below
        lying = Pressed(
            laterality=laterality,
            view=view,
            key=self.seed.child(laterality, "texture").key(),
            thickness_mm=round(form.thickness_mm + (0.0 if view == "CC" else 3.0), 1),
            deep_mm=round(form.width_mm * 0.82, 2),
            outline=skin,
            nipple=nipple,
            gland=gland,
            lobes=_seen(form, within, view),
            strands=_joined(lines, tents),
            pectoral=muscle,
            lumps=lumps,
            grains=grains,
            below_mm=low,
            above_mm=float(skin[:, 1].max()),
            large=self.large,
            density=self.density,
        )
        return turned(lying, _within(form.own.child("turn", view).normal(0, 1.8), -3.5, 3.5))

    def gland(self) -> Gland:
        """Return how much gland there is at the woman's place in the population."""
        x, rows = self.order, _GLANDS
        k = next((k for k in range(len(rows) - 2) if x < rows[k + 1][0]), len(rows) - 2)
        t = (x - rows[k][0]) / (rows[k + 1][0] - rows[k][0])
        amount, spread, rim, back, more = (
            round(a + (b - a) * t, 5) for a, b in zip(rows[k][1:], rows[k + 1][1:], strict=True)
        )
        back *= self.seed.child("back").uniform(0.25, 1.5)
        return Gland(amount, spread, rim, back, self.seed.child("tilt").normal(0.18, 0.14), more)

    def _side(self, laterality: Laterality) -> tuple[Form, Inside, Change]:
        """Return the measures and the inside of one breast, worked out once."""
        if laterality not in self._sides:
            form = self.form(laterality)
            older = min(max((self.person.age_years - 35) / 45, 0.0), 1.0)
            within = inside(form, form.depth_mm / 88, older)
            own = [e for e in self.edits if e.laterality in (laterality, "B")]
            self._sides[laterality] = form, within, changes(form, within, self.person, own)
        return self._sides[laterality]


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _joined(one: Strands, two: Strands) -> Strands:
    return Strands(
        np.concatenate([one.points, two.points]), np.concatenate([one.first, two.first[1:] + one.first[-1]])
    )


def _seen(form: Form, within: Inside, view: str) -> Floats:
    """Return the lobes in a view, each with its axis towards the nipple."""
    lobes = within.lobes
    v, w = across(lobes, view)
    du, dv = form.depth_mm - lobes[:, 0], -v
    length = np.sqrt(du * du + dv * dv) + 1e-6
    return np.stack(
        [lobes[:, 0], v, w, du / length, dv / length, lobes[:, 3], lobes[:, 4], lobes[:, 5]], 1
    ).astype(np.float32)


def _share(z: float) -> float:
    """Return the share of a normal population below ``z``, to four digits (Abramowitz & Stegun 26.2.19 is within 1.5e-7)."""
    d = (0.0498673470, 0.0211410061, 0.0032776263, 0.0000380036, 0.0000488906, 0.0000053830)
    x, total, power = abs(z), 1.0, 1.0
    for c in d:
        power *= x
        total += c * power
    for _ in range(4):
        total *= total
    tail = 0.5 / total
    return round(1 - tail if z > 0 else tail, 6)


def breast(person: Person, seed: Seed, grown: Sequence[Grown]) -> Breasts:
    """Build a person's breasts."""
    return Breasts(person, seed.child("breast"), tuple(g for g in grown if isinstance(g, Edit)))


BREAST = Region(
    name="breast",
    body_part="BREAST",
    code=Code("http://snomed.info/sct", "76752008", "Breast structure"),
    snomed=frozenset({
        # body sites
        "76752008",  # breast structure
        "181131000",  # entire breast
        "73056007",  # right breast structure
        "80248007",  # left breast structure
        "63762007",  # both breasts
        # procedures
        "71651007",  # mammography
        "24623002",  # screening mammography
        "241055006",  # symptomatic mammogram
        "566571000119105",  # mammography of right breast
        "572701000119102",  # mammography of left breast
        "43204002",  # bilateral mammography
    }),
    words=("breast", "breasts", "mammogram", "mammography", "brust", "mamma", "mama", "mammella", "senologi"),
    build=breast,
    seen_by=("MG",),
    paired=True,
)  # fmt: skip
"""Breast, BREAST in PS3.16 Annex L."""
