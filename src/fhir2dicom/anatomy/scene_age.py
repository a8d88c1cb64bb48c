"""What the years leave on a film: calcium in the wall of the aorta and in the cartilage of the ribs.

How common each is by age and sex is ours, after the usual teaching: cartilage calcifies from the thirties on, in men
along its edges and in women in its core (after Navani et al. 1970, not checked); the knob of the aorta from sixty on.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import cos, radians, sin

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Person, Tubes
from fhir2dicom.noise import unit
from fhir2dicom.seed import Seed

F32 = npt.NDArray[np.float32]

_KNOB = (11.0, 200.0, 241.0)
"""Middle of the arch where it turns backwards, atlas mm."""
_KNOB_RADII = (22.5, 18.0)
"""Of its outer wall, aside and up, mm."""
_CALCIUM = 1.3
"""Attenuation of a calcified plate beside that of flesh: about what 500 HU in 120 kV are at 65 keV; ours."""


def calcium(person: Person, seed: Seed, to_patient: Callable[[F32], F32]) -> dict[str, Tubes]:
    """Return the calcifications of an old chest as short tubes, in patient mm; none in the young."""
    draw = seed.child("calcium")
    out: dict[str, Tubes] = {}
    aorta = (person.age_years - 55 + draw.child("aorta").normal(0, 9)) / 30
    if aorta > 0 and person.age_years > 50:
        out["aortic_calcium"] = _arc(min(aorta, 1.0), draw, to_patient)
    ribs = (person.age_years - 30 + draw.child("ribs").normal(0, 14)) / 60
    if ribs > 0.15 and person.age_years > 25:
        out["rib_calcium"] = _specks(min(ribs, 1.0), draw, 4.0 if person.sex == "F" else 0.0, to_patient)
    return out


def _arc(amount: float, draw: Seed, to_patient: Callable[[F32], F32]) -> Tubes:
    """Return an arc of plates in the wall of the knob, broken here and there."""
    first = draw.child("from").uniform(-25, 25)
    angles = [first + 9.0 * k for k in range(3 + int(9 * amount))]
    rim = [(round(cos(radians(a)), 9), round(sin(radians(a)), 9)) for a in angles]
    rows: list[tuple[tuple[float, ...], tuple[float, ...]]] = []
    for layer in range(3):
        y = _KNOB[1] + 7.0 * (layer - 1)
        line = [(_KNOB[0] + _KNOB_RADII[0] * c, y, _KNOB[2] + _KNOB_RADII[1] * s) for c, s in rim]
        rows += [
            (a, b) for k, (a, b) in enumerate(pairwise(line)) if draw.child("gap", layer, k).uniform() < 0.65
        ]
    return _tubes(rows or [((31.0, 200.0, 241.0), (31.0, 200.0, 246.0))], 0.8, to_patient)


def _specks(amount: float, draw: Seed, deep_mm: float, to_patient: Callable[[F32], F32]) -> Tubes:
    """Return flakes in the costal cartilage, so deep under its surface."""
    from fhir2dicom.anatomy.torso_scene import atlas  # noqa: PLC0415  that module imports this one

    mesh = atlas()["cartilage"]
    v, t = mesh.vertices.astype(np.float64), mesh.triangles
    key = draw.child("specks").key()
    chosen = _chosen(key, len(t), 0.22 * amount * amount)
    a, b = v[t[chosen, 0]], v[t[chosen, 1]]
    middle = (a + b) / 2
    if deep_mm:
        inward = np.cross(v[t[chosen, 1]] - v[t[chosen, 0]], v[t[chosen, 2]] - v[t[chosen, 0]])
        size = np.sqrt((inward * inward).sum(1))[:, None] + 1e-6
        a, b = a - deep_mm * inward / size, b - deep_mm * inward / size
        middle = (a + b) / 2
    a, b = middle + 0.6 * (a - middle), middle + 0.6 * (b - middle)
    return _tubes(list(zip(map(tuple, a), map(tuple, b), strict=True)), 0.9, to_patient)


@nb.njit(cache=True)
def _chosen(key: int, count: int, share: float) -> npt.NDArray[np.int64]:
    """Return which of so many things a share of chance picks; at least the first."""
    out = np.zeros(count + 1, np.int64)
    n = 0
    for k in range(count):
        if unit(key, k) < share:
            out[n] = k
            n += 1
    return out[: max(n, 1)]


def _tubes(
    rows: list[tuple[tuple[float, ...], tuple[float, ...]]],
    radius_mm: float,
    to_patient: Callable[[F32], F32],
) -> Tubes:
    """Return tubes of one radius between pairs of atlas points."""
    ends = to_patient(np.array([p for row in rows for p in row], np.float32))
    radius = np.full(len(rows), radius_mm, np.float32)
    return Tubes(ends[0::2].copy(), ends[1::2].copy(), radius, radius, _CALCIUM)
