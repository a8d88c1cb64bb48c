"""The tissues of the head: one row for each code of the atlas, by age.

CT numbers at 120 kV, rounded by us to what today's scanners show: grey matter 38 and white 29 HU. Healthy people
on an early scanner had 33 (deep grey) and 30 (Cala et al., AJNR 1981;2:41), and chemical composition explains a
difference of 5.5 (Explanation of cerebral white-gray contrast, J Comput Assist Tomogr 1980;4:489). Blood and lens
follow from the compositions of ICRP (54 and 77 HU at 70 keV); blood grows with its haematocrit (New & Aronow,
Radiology 1976;121:635). Bone is our own estimate, as its number depends on the slice more than on the skull.
Mixtures are linear in volume.
"""

from __future__ import annotations

from dataclasses import dataclass

from fhir2dicom.model import Person, Tissue
from fhir2dicom.seed import Seed

STEPS = 16
"""Steps from cerebrospinal fluid to grey matter, and from grey to white."""

CSF_HU, GREY_HU, WHITE_HU = 5.0, 38.0, 29.0
CORTICAL_HU, SKIN_HU = 1080.0, 15.0


@dataclass(frozen=True, slots=True)
class Mixture:
    """A code of the atlas: its name and what it holds."""

    name: str
    hu: float
    sd: float
    grey: float = 0.0
    """Share of grey matter, the rest being fluid or white matter; only of the brain's codes."""
    white: float = 0.0


def _codes() -> tuple[Mixture, ...]:
    rows = [Mixture("air", -1000.0, 0.0), Mixture("csf", CSF_HU, 1.0)]
    for k in range(1, 2 * STEPS + 1):
        g = k / STEPS
        grey, white = (g, 0.0) if k <= STEPS else (2.0 - g, g - 1.0)
        hu = CSF_HU * max(1.0 - g, 0.0) + GREY_HU * grey + WHITE_HU * white
        name = {STEPS: "grey", 2 * STEPS: "white"}.get(k, f"brain_{k}")
        rows.append(Mixture(name, round(hu, 2), 1.5, grey, white))
    for k in range(5):
        name = {0: "muscle", 4: "fat"}.get(k, f"muscle_fat_{k}")
        rows.append(Mixture(name, 52.0 - (52.0 + 98.0) * k / 4, 8.0))
    rows += [
        Mixture("skin", SKIN_HU, 10.0),
        Mixture("cortical", CORTICAL_HU, 40.0),
        Mixture("diploe", 520.0, 60.0),
        Mixture("thin_bone", 330.0, 60.0),
        Mixture("petrous", 1380.0, 160.0),
        Mixture("mastoid_cell", -150.0, 80.0),
        Mixture("mastoid_air", -980.0, 0.0),
        Mixture("frontal_sinus", -1000.0, 0.0),
        Mixture("vitreous", 8.0, 1.5),
        Mixture("lens", 75.0, 4.0),
        Mixture("sclera", 50.0, 4.0),
        Mixture("falx", 46.0, 4.0),
        Mixture("blood", 54.0, 3.0),
        Mixture("pineal", 40.0, 4.0),
        Mixture("choroid", 38.0, 5.0),
    ]
    for name, low, high in (
        ("csf_bone", CSF_HU + 15, CORTICAL_HU),
        ("soft_bone", -20.0, CORTICAL_HU),
        ("air_skin", -1000.0, SKIN_HU),
    ):
        rows += [Mixture(f"{name}_{k}", round(low + (high - low) * k / 8, 1), 3.0) for k in range(1, 8)]
    return tuple(rows)


CODES = _codes()
CODE = {m.name: k for k, m in enumerate(CODES)}


def of_person(person: Person, seed: Seed) -> tuple[Tissue, ...]:
    """Return the tissue of every code for a person: atrophy empties the cortex' partial volume, plexus calcify."""
    shrink = _atrophy(person, seed)
    calcified = _calcified(person, seed)
    density = seed.child("skull").normal(1.0, 0.07)
    dense = _bone_age(person.age_years) * density
    return tuple(_tissue(m, person, shrink, calcified, dense) for m in CODES)


def atrophy(person: Person, seed: Seed) -> float:
    """Return brain lost since the age of 30, as a share of the intracranial volume, 0 … 0.2.

    0.2 %/year to 60 and 0.5 %/year after, simplified from Hedman et al. (Hum Brain Mapp 2012;33:1987: 0.2 % after
    35, rising to 0.5 % at 60 and more later). How much persons of an age differ is our own estimate.
    """
    age = person.age_years
    mean = 0.002 * min(max(age - 30.0, 0.0), 30.0) + 0.005 * max(age - 60.0, 0.0)
    return min(max(mean * seed.child("atrophy").normal(1.0, 0.3), 0.0), 0.22)


def _atrophy(person: Person, seed: Seed) -> float:
    """Return how much of a mixed voxel's grey matter turns to fluid."""
    return 4.5 * atrophy(person, seed)


def _bone_age(age: float) -> float:
    """Return mineral of the skull relative to an adult's: thin and soft at birth (our own estimate)."""
    return 0.55 + 0.45 * min(age / 12.0, 1.0)


def _calcified(person: Person, seed: Seed) -> dict[str, float]:
    """Return HU of what is calcified: pineal and plexus in up to 3 of 4, falx in up to 1 of 7.

    Series of CTs find the pineal calcified in 38 % (Serindere & Polat, 1000 heads) to 75 % (Ghorbanlou et al., Anat
    Cell Biol 2021), the plexus in 52 to 68 %, the falx in 6 to 27 %; the rise with age between is our own estimate.
    """
    age = person.age_years
    chance = {
        "pineal": min(max(age - 8.0, 0.0) / 25.0, 0.7),
        "choroid": min(max(age - 12.0, 0.0) / 45.0, 0.75),
        "falx": min(max(age - 25.0, 0.0) / 400.0, 0.15),
    }
    strength = {"pineal": 260.0, "choroid": 240.0, "falx": 230.0}
    return {
        name: strength[name] * seed.child("calcified", name, "much").uniform(0.6, 1.3)
        for name, p in chance.items()
        if seed.child("calcified", name).uniform() < p
    }


_AIR_FROM = {"mastoid_air": 1.5, "mastoid_cell": 1.5, "frontal_sinus": 7.0}
"""Age in years at which a cavity is there; before that it is marrow (our own estimate)."""

_BONES = ("cortical", "diploe", "thin_bone", "petrous")


def _tissue(m: Mixture, person: Person, shrink: float, calcified: dict[str, float], dense: float) -> Tissue:
    hu, sd = calcified.get(m.name, m.hu), m.sd
    if m.name in calcified:
        sd = 60.0
    elif person.age_years < _AIR_FROM.get(m.name, 0.0):
        hu, sd = 0.7 * CORTICAL_HU * dense, 40.0
    elif m.name in _BONES or "_bone_" in m.name:
        hu = m.hu * dense
        if m.name == "diploe" and person.age_years < 6.0:
            hu = CORTICAL_HU * dense * 0.8
    elif 0.0 < m.grey < 1.0 and m.white == 0.0:
        grey = m.grey * max(1.0 - shrink * (1.0 - m.grey) * 2.0, 0.0)
        hu = CSF_HU + (GREY_HU - CSF_HU) * grey
    elif m.white > 0.0 and person.age_years > 60.0:
        hu = m.hu - m.white * min((person.age_years - 60.0) * 0.09, 3.0)  # leukoaraiosis
    elif m.white > 0.0 and person.age_years < 2.0:
        hu = m.hu - m.white * (2.0 - person.age_years) * 3.0  # not yet myelinated
    return Tissue(m.name, round(hu, 2), sd, _enhanced(m, hu, 1.0), _enhanced(m, hu, 0.75))


def _enhanced(m: Mixture, hu: float, phase: float) -> float | None:
    """Return HU with contrast medium: vessels much, brain by its blood volume (4 % grey, 2 % white)."""
    if m.name == "blood":
        return hu + 110.0 * phase
    if m.name == "choroid":
        return hu + 45.0
    if m.grey + m.white > 0.0:
        return round(hu + (5.0 * m.grey + 2.5 * m.white) * phase, 2)
    return None
