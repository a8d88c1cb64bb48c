"""Bones as closed meshes: an outer face of the cortex and, corner by corner, its inner face.

A break is a cut and a rigid move; a growth plate is two cuts: matter is moved, never painted over, so nothing is
counted twice and every part stays closed. All points are LPS mm, float32. What grows when: `bone_growth`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import tissues
from fhir2dicom.model import Edit, Person, Surface, Vec3
from fhir2dicom.noise import unit

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
Matrix34 = npt.NDArray[np.float64]
"""(3, 4): turn and shift, point → matrix[:, :3] · point + matrix[:, 3]."""

UNITS_PER_MM = 32
"""Steps of the stored coordinates."""

CORTEX, MARROW = 2.75, 1.27
"""Attenuation beside water of compact bone and of the spongiosa of a young adult at 65 keV (ICRU 46 cortical bone,
1.92 g/cm³, and spongiosa, 1.18 g/cm³, with coefficients of NIST XCOM; rounded by us)."""


@dataclass(frozen=True, eq=False, slots=True)
class Bone:
    """One bone, or a part of one: two closed meshes that share their triangles."""

    name: str
    vertices: F32
    """(n, 3): outer face of the cortex."""
    inner: F32
    """(n, 3): its inner face, vertex by vertex; the same point where there is no cortex."""
    triangles: I32
    """(m, 3), outward by the right-hand rule."""
    canal: F32 | None = None
    """(n, 3): where spongiosa gives way to fatty marrow, vertex by vertex; on the bone's axis where it does not."""

    def each(self, change: Callable[[F32], F32]) -> Bone:
        """Return the bone with all its faces changed alike."""
        canal = None if self.canal is None else change(self.canal)
        outer = change(self.vertices)
        inner = outer if self.inner is self.vertices else change(self.inner)
        return Bone(self.name, outer, inner, self.triangles, canal)


@cache
def load(atlas: str) -> Mapping[str, Bone]:
    """Return the bones of anatomy/atlas/ATLAS.npz (keys NAME.v int16 1/32 mm, NAME.t uint16, NAME.i, NAME.c).

    Meshes without an inner face (skin, flesh) are left out: see `meshes`.
    """
    return {n: Bone(n, v, i, t, c) for n, (v, t, i, c) in _arrays(atlas).items() if i is not None}


@cache
def meshes(atlas: str) -> Mapping[str, tuple[F32, I32]]:
    """Return the meshes of anatomy/atlas/ATLAS.npz that have no cortex: skin, muscle, bowel. Vertices mm, triangles."""
    return {n: (v, t) for n, (v, t, i, _) in _arrays(atlas).items() if i is None}


def _arrays(atlas: str) -> dict[str, tuple[F32, I32, F32 | None, F32 | None]]:
    with (
        (files("fhir2dicom.anatomy") / "atlas" / f"{atlas}.npz").open("rb") as file,
        np.load(file) as data,
    ):
        names = set(data.files)

        def points(key: str) -> F32:
            return np.asarray(data[key], np.float32) / np.float32(UNITS_PER_MM)

        return {
            name: (
                points(f"{name}.v"),
                data[f"{name}.t"].astype(np.int32),
                points(f"{name}.i") if f"{name}.i" in names else None,
                points(f"{name}.c") if f"{name}.c" in names else None,
            )
            for name in sorted(k[:-2] for k in names if k.endswith(".v") and k[:-2] + ".t" in names)
        }


def volume_mm3(vertices: F32, triangles: I32) -> float:
    """Return what a closed mesh holds, mm³: positive if its triangles look outward."""
    a, b, c = (vertices[triangles[:, k]].astype(np.float64) for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def turned(axis: Vec3, cos_sin: tuple[float, float], at: Vec3, shift: Vec3 = (0.0, 0.0, 0.0)) -> Matrix34:
    """Return the turn about ``axis`` through ``at`` by the angle of the given cosine and sine, then a shift, mm.

    Rodrigues' formula: R = cos · I + sin · [u]× + (1 - cos) · u uᵀ.
    """
    length = (axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2) ** 0.5
    u = [a / length for a in axis]
    c, s = cos_sin
    cross = ((0.0, -u[2], u[1]), (u[2], 0.0, -u[0]), (-u[1], u[0], 0.0))
    m = np.empty((3, 4))
    for i in range(3):
        for j in range(3):
            m[i, j] = c * (i == j) + s * cross[i][j] + (1 - c) * u[i] * u[j]
        m[i, 3] = at[i] + shift[i] - (m[i, 0] * at[0] + m[i, 1] * at[1] + m[i, 2] * at[2])
    return m


def transformed(points: F32, matrix: Matrix34) -> F32:
    """Return points (n, 3) through a (3, 4) matrix; the same to the last bit on any machine."""
    return _transformed(np.asarray(points), np.ascontiguousarray(matrix, np.float64))


@nb.njit(cache=True)
def _transformed(points: F32, m: Matrix34) -> F32:
    out = np.empty((len(points), 3), np.float32)
    for n in range(len(points)):
        x, y, z = np.float64(points[n, 0]), np.float64(points[n, 1]), np.float64(points[n, 2])
        for i in range(3):
            out[n, i] = np.float32(((m[i, 0] * x + m[i, 1] * y) + m[i, 2] * z) + m[i, 3])
    return out


def moved(bone: Bone, matrix: Matrix34) -> Bone:
    """Return the bone turned, stretched and shifted by a (3, 4) matrix, mm; it may not mirror."""
    return replace(bone, vertices=transformed(bone.vertices, matrix), inner=transformed(bone.inner, matrix))


def mirrored(bone: Bone) -> Bone:
    """Return the bone of the other side: x → -x, triangles flipped so that they still look outward."""
    flip = np.array((-1, 1, 1), np.float32)
    triangles = np.ascontiguousarray(bone.triangles[:, ::-1])
    return replace(bone.each(lambda points: points * flip), triangles=triangles)


def thinned(bone: Bone, share: float) -> Bone:
    """Return the bone with ``share`` of its cortex' thickness left: the marrow wins what the cortex loses."""
    inner = bone.vertices + (bone.inner - bone.vertices) * np.float32(share)
    return replace(bone, inner=inner.astype(np.float32))


def joined(bones: Iterable[Bone], name: str = "") -> Bone:
    """Return several bones as one mesh."""
    parts = list(bones)
    at = np.cumsum([0, *(len(b.vertices) for b in parts)])
    if not parts:
        none = np.zeros((0, 3), np.float32)
        return Bone(name, none, none, np.zeros((0, 3), np.int32))
    triangles = [b.triangles + np.int32(k) for b, k in zip(parts, at, strict=False)]
    canals = [b.canal if b.canal is not None else np.zeros_like(b.inner) for b in parts]
    return Bone(
        name,
        np.concatenate([b.vertices for b in parts]),
        np.concatenate([b.inner for b in parts]),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate(canals) if any(b.canal is not None for b in parts) else None,
    )


_LOSS_BY_AGE: tuple[tuple[float, float], ...] = (
    # age in years, share of the young adult's surplus of marrow over water that is left (CT of L1: tissues.py)
    (0.0, 1.25),
    (3.0, 1.1),
    (12.0, 1.0),
    (30.0, 1.0),
    (50.0, 0.82),
    (70.0, 0.58),
    (90.0, 0.42),
)
_MINERAL_BY_AGE: tuple[tuple[float, float], ...] = (
    # age in years, share of the adult's surplus of compact bone over water: a child's is less mineralised (ours)
    (0.0, 0.68),
    (5.0, 0.8),
    (14.0, 0.92),
    (20.0, 1.0),
    (60.0, 1.0),
    (90.0, 0.94),
)


OSTEOPOROSIS = "osteoporosis"
"""The kind of edit that takes bone away everywhere; ``amount``: how much of `_THINNEST` and `_EMPTIEST`."""
_THINNEST, _EMPTIEST = 0.42, 0.45
"""Shares of the cortex' thickness, and of the spongiosa's surplus over fat, that the worst osteoporosis takes (ours)."""


def lost(edits: Iterable[object]) -> float:
    """Return how much osteoporosis there is among what grows, 0 … 1."""
    return max((e.amount for e in edits if isinstance(e, Edit) and e.kind == OSTEOPOROSIS), default=0.0)


def porous(bones: Iterable[Bone], lost: float) -> list[Bone]:
    """Return bones with the cortex that osteoporosis leaves."""
    return [thinned(b, 1 - _THINNEST * lost) for b in bones] if lost else list(bones)


def weights(person: Person, flesh: float = 1.05, lost: float = 0.0) -> tuple[float, float]:
    """Return the attenuation beside water of a person's compact bone less ``flesh``, and of marrow less compact bone."""
    after = 0.9 if person.sex == "F" and person.age_years > 52 else 1.0  # bone lost after the menopause
    cortex = 1 + (CORTEX - 1) * tissues.between(_MINERAL_BY_AGE, person.age_years)
    marrow = 1 + (MARROW - 1) * tissues.between(_LOSS_BY_AGE, person.age_years) * after
    marrow -= _EMPTIEST * lost * (marrow - FAT)
    return cortex - flesh, marrow - cortex


FAT = 0.93
"""Attenuation beside water of fatty marrow, as of adipose tissue."""


def surfaces(
    bones: Iterable[Bone], person: Person, flesh: float = 1.05, lost: float = 0.0
) -> dict[str, Surface]:
    """Return all bones as surfaces for a scene: ``bone`` in flesh, ``marrow`` (trabecular) in it, ``canal`` (fat) in that.

    A child's shafts hold red marrow, so the canal shows less. ``lost``: what osteoporosis takes, 0 … 1.
    """
    parts = porous(bones, lost)
    cortex, marrow = weights(person, flesh, lost)
    whole = joined(parts)
    out = {
        "bone": Surface(whole.vertices, _from_head(whole), cortex),
        "marrow": Surface(whole.inner, _from_head(whole), marrow, "coarse", "trabecular"),
    }
    hollow = joined(b for b in parts if b.canal is not None)
    if hollow.canal is not None:
        fatty = tissues.between(((0.0, 0.4), (20.0, 1.0)), person.age_years)
        left = (FAT - (cortex + marrow + flesh)) * fatty
        out["canal"] = Surface(hollow.canal, _from_head(hollow), left, "coarse")
    return out


def _from_head(bone: Bone) -> I32:
    """Return the triangles from head to foot: whoever draws them stays in the same rows for a while."""
    order = np.argsort(-bone.vertices[bone.triangles[:, 0], 2], kind="stable")
    return np.ascontiguousarray(bone.triangles[order])


@nb.njit(cache=True)
def bumps(points: F32, cell_mm: float, key: int) -> F32:
    """Return smooth noise of about -1 … 1 at points (n, 3): values hashed on a lattice, blended by smoothstep."""
    out = np.empty(points.shape[0], np.float32)
    for k in range(points.shape[0]):
        i, f = np.empty(3, np.int64), np.empty(3)
        for a in range(3):
            x = points[k, a] / cell_mm
            i[a] = np.int64(np.floor(x))
            t = x - i[a]
            f[a] = t * t * (3 - 2 * t)
        total = 0.0
        for corner in range(8):
            share, place = 1.0, np.int64(0)
            for a in range(3):
                up = corner >> a & 1
                share *= f[a] if up else 1 - f[a]
                place = place * 4096 + (i[a] + up + 2048 & 4095)
            total += share * (2 * unit(key, int(place)) - 1)
        out[k] = np.float32(total)
    return out
