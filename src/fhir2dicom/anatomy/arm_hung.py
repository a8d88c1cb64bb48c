"""Where an arm hangs from the trunk, and the humerus of the arm's films in those of the trunk: it is one bone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import arm, bone
from fhir2dicom.anatomy.bone import F32, Bone
from fhir2dicom.model import Edit, Laterality, Person, Vec3
from fhir2dicom.seed import Seed

F64 = npt.NDArray[np.float64]

TURN = (0.866025, 0.5)
"""Cosine and sine of the inward turn of the arms of a chest film, 30 degrees: backs of the hands on the hips."""
_HEAD_MM = -24.0
"""The upper end of the trunk's own humerus, which hangs from the centre of its head down -z."""


def humeri(
    person: Person, seed: Seed, edits: Sequence[Edit], way: Sequence[tuple[F32, F32]]
) -> dict[str, Bone]:
    """Return both humeri as the arm's films have them, in the patient, mm.

    ``way``: of either side, the right one first, corners of the trunk's own humerus in the patient and in its atlas.
    """
    out = {}
    sides: tuple[Laterality, Laterality] = ("R", "L")
    for side, (placed, atlas) in zip(sides, way, strict=True):
        mine = [e for e in edits if e.part == "humerus" and e.laterality in ("", side)]
        flip = np.array((1 if side == "R" else -1, 1, 1), np.float32)
        head, down = hangs(placed * flip, atlas, side)
        matrix = hung(down, head, TURN)
        whole = bone.joined(arm.bones(person, seed, mine, ("humerus",)), "humerus")
        hanging = whole.each(partial(bone.transformed, matrix=matrix))
        out[f"humerus_{side.lower()}"] = hanging if side == "R" else bone.mirrored(hanging)
    return out


def hangs(v: F32, atlas: F32, side: Laterality) -> tuple[Vec3, Vec3]:
    """Return where the trunk's own humerus hangs from and its direction, of the right side."""
    own = atlas * np.array((-1, 1, 1), np.float32) if side == "L" else atlas
    z = own[:, 2]
    top, low = z > _HEAD_MM, z < -280.0
    a, b = v[top].astype(np.float64).mean(0), v[low].astype(np.float64).mean(0)
    c, d = own[top].astype(np.float64).mean(0), own[low].astype(np.float64).mean(0)
    way = (b - a) / float(((b - a) ** 2).sum()) ** 0.5
    head = a - (c[2] / (d[2] - c[2])) * (b - a)
    return _vec(head), _vec(way)


def hung(way: Vec3, head: Vec3, turn: tuple[float, float]) -> bone.Matrix34:
    """Return the move that hangs the atlas' arm from ``head`` along ``way``, turned about its length."""
    about = bone.turned((0.0, 0.0, 1.0), turn, (0.0, 0.0, 0.0))
    down = np.array((0.0, 0.0, -1.0))
    w = np.array(way)
    axis = np.array(
        (down[1] * w[2] - down[2] * w[1], down[2] * w[0] - down[0] * w[2], down[0] * w[1] - down[1] * w[0])
    )
    sine = float((axis * axis).sum()) ** 0.5
    cosine = float((down * w).sum())
    hang = (
        bone.turned(_vec(axis), (cosine, sine), (0.0, 0.0, 0.0), head)
        if sine > 1e-6
        else bone.turned((0.0, 0.0, 1.0), (1.0, 0.0), head)
    )
    both = np.zeros((3, 4))
    for i in range(3):
        for j in range(3):
            both[i, j] = (hang[i, 0] * about[0, j] + hang[i, 1] * about[1, j]) + hang[i, 2] * about[2, j]
        both[i, 3] = hang[i, 3]
    return both


def _vec(p: F64) -> Vec3:
    return float(p[0]), float(p[1]), float(p[2])
