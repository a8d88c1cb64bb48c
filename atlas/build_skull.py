"""Skull, jaw and face as closed meshes in the frame of the head atlas. See NOTICE for sources and terms.

usage: python atlas/build_skull.py FOLDER      (the unpacked wheel of pose2sim 0.10.49)
       writes src/fhir2dicom/anatomy/atlas/skull.npz (build_head.py first, build_neck.py adds the neck)

The vault, the inner table, petrous bones, mastoid cells and sinuses are those of head.npz, so that a film shows the
skull that the CT shows. What the head's MR does not reach or does not show (face, base from outside, jaw) is the
skull of the OpenSim models, turned by 17 degrees into the atlas and hollowed by what the labels know.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import scipy.ndimage as ni
import trimesh
from solids import (
    Atlas,
    Lattice,
    box,
    capsule,
    distance,
    ellipsoid,
    filled,
    inset,
    smooth_max,
    smooth_min,
    surface,
)

from fhir2dicom.anatomy.head_tissues import CODE, CODES

FOLDER = Path(__file__).parents[1] / "src/fhir2dicom/anatomy/atlas"
OUT = FOLDER / "skull.npz"
LATTICE = Lattice.over((-100, -114, -110), (100, 130, 102), 0.8)
JAW = Lattice.over((-72, -110, -170), (72, 30, -20), 0.7)
HARD = ("cortical", "diploe", "thin_bone", "petrous", "mastoid_cell", "mastoid_air", "frontal_sinus")
BALL = ni.generate_binary_structure(3, 1)
COS, SIN = 0.9563, 0.2924
"""Of 17 degrees: from the OpenSim skull to the plane of the commissures."""


def to_atlas(v: np.ndarray) -> np.ndarray:
    """Turn a mesh (LPS mm of its own) about the ear canals and lay these on those of the atlas."""
    x, y, z = v[:, 0] * 0.97, v[:, 1] + 2.0, v[:, 2] - 25.0
    return np.c_[x, COS * y - SIN * z + 20.0, COS * z + SIN * y - 41.0]


def opensim(name: str) -> tuple[np.ndarray, np.ndarray]:
    mesh = trimesh.load(Path(sys.argv[1]) / "Pose2Sim/OpenSim_Setup/Geometry" / f"{name}.stl")
    mesh.merge_vertices()
    v = np.asarray(mesh.vertices) * 1000
    return np.c_[-v[:, 2], -v[:, 0], v[:, 1]], np.asarray(mesh.faces)


class Labels:
    """The head atlas on this lattice: masks as smooth signed distances."""

    def __init__(self) -> None:
        data = np.load(FOLDER / "head.npz")
        self.codes, self.origin = data["labels"], data["origin"]

    def of(self, *names: str) -> np.ndarray:
        return np.isin(
            self.codes,
            [k for k, m in enumerate(CODES) if m.name in names or m.name.rsplit("_", 1)[0] in names],
        )

    def signed(self, mask: np.ndarray, smooth_mm: float) -> np.ndarray:
        """Return the signed distance of a mask of the labels (z, y, x) on the lattice (x, y, z)."""
        d = distance(np.pad(mask, ((0, 0), (0, 0), (0, 0))), 1.0, smooth_mm)
        x, y, z = np.meshgrid(*(a.ravel() for a in LATTICE.axes()), indexing="ij")
        o = self.origin
        return ni.map_coordinates(d, (z - o[2], y - o[1], x - o[0]), order=1, mode="nearest").astype(
            np.float32
        )


def parts(labels: Labels) -> dict[str, np.ndarray]:
    """Return the solids of the cranium and the face."""
    x, y, z = LATTICE.axes()
    brain = ni.binary_fill_holes(
        labels.of("csf", "brain", "grey", "white", "falx", "blood", "pineal", "choroid")
    )
    part, n = ni.label(ni.binary_opening(brain, BALL, iterations=2))
    brain = ni.binary_dilation(
        part == 1 + np.argmax(ni.sum(brain, part, range(1, n + 1))), BALL, iterations=2, mask=brain
    )
    hard = labels.of(*HARD)
    hard |= np.isin(labels.codes, [CODE[f"{n}_{k}"] for k in range(4, 8) for n in ("csf_bone", "soft_bone")])
    sides = np.abs(np.arange(hard.shape[2]) + labels.origin[0])
    height = np.arange(hard.shape[0]) + labels.origin[2]
    hard &= sides[None, None, :] < (83 + 0.72 * np.minimum(height + 34, 0))[:, None, None]
    hollow = labels.signed(brain, 0.7)
    vault = labels.signed(ni.binary_closing(brain | hard, BALL, iterations=2), 0.9)
    rough = labels.signed(hard, 0.55)
    high = np.clip((z + 22 + 0.10 * (y - 20)) / 8, 0, 1)
    shell = np.maximum(vault, -hollow)
    aside = np.abs(x) - 84 - 0.75 * np.minimum(z + 30, 0) + 0 * y
    below = smooth_max(
        np.maximum(rough, -hollow - 0.4),
        np.maximum(aside, (-58 - 5 * np.clip((y - 8) / 14, 0, 1) - z) * 0.22),
        2.0,
    )
    cranium = shell * high + below * (1 - high)
    v, t = opensim("skull")
    face = distance(filled(to_atlas(without_teeth(v)), t, LATTICE), 0.8, 0.75)
    face = np.maximum(face, 1.2 - hollow + np.clip((z + 30) * 0.4, 0, 6))
    brow = np.clip((-50 - y) / 10, 0, 1) * 14
    ahead = np.clip((-50 - y) / 12, 0, 1) * np.clip((z + 50) / 12, 0, 1)  # the brow grows out of the forehead
    face = smooth_max(face, vault - 0.8 - np.clip((-14 - z) * (0.9 - 0.5 * ahead), 0, 30), 2.0 + 3.0 * ahead)
    front = (z + 24 - brow + 0.12 * (y + 82)) * 0.9
    behind = np.clip((y + 22) / 24, 0, 1)
    face = smooth_max(face, front * (1 - behind) + (z + 46) * behind, 2.0)
    return {"hollow": hollow, "cranium": cranium, "face": face, "plates": plates()}


def plates() -> np.ndarray:
    """Return what is too thin for MR and mesh: septum, hard palate, sella with dorsum and clinoids, clivus."""
    p = LATTICE.axes()
    bent = (p[0] - 1.2 * np.sin((p[2] + 60) / 9) - 0.8 * np.sin(p[1] / 11), p[1], p[2])
    septum = box(bent, (0.0, -42, -69), (0.45, 17, 13), 0.4)
    body = ellipsoid(p, (0, 2, -47), (13, 15, 9.5))
    body = smooth_max(body, -ellipsoid(p, (0, 0, -49.5), (10, 11, 6.0)), 1.5)
    fossa = ellipsoid(p, (0, 4.5, -38.5), (8, 6.0, 5.5))
    sella = smooth_max(body, -fossa, 1.0)
    flat = (p[0] * 0.1, p[1], p[2])
    planum = capsule(flat, (0, -3.0, -38.2), (0, -30, -33.5), 0.9, 0.8)
    sella = smooth_min(sella, np.maximum(planum, np.abs(p[0]) - 13), 1.0)
    dorsum = smooth_min(
        capsule(p, (-6, 11.5, -33), (6, 11.5, -33), 1.6, 1.6), box(p, (0, 12.5, -40), (8, 1.8, 7), 1.4), 1.5
    )
    out = np.minimum(septum, np.minimum(sella, dorsum))
    for side in (-1, 1):
        out = np.minimum(out, capsule(p, (side * 14, -10, -32), (side * 10, -1, -33.5), 2.6, 1.4))
    clivus = np.maximum(capsule(p, (0, 14, -42), (0, 36, -62), 3.4, 2.6), -fossa)
    return np.minimum(out, clivus)


def without_teeth(v: np.ndarray) -> np.ndarray:
    """Draw the crowns of the mesh into the crest of the upper jaw, mm of its own frame."""
    crest = -27 + 0.24 * (v[:, 1] + 99) + 8
    out = v.copy()
    crown = (v[:, 1] < -36) & (v[:, 2] < crest) & (np.abs(v[:, 0]) < 38)
    out[crown, 2] = crest[crown] + (v[crown, 2] - crest[crown]) * 0.12
    return out


def cavities(labels: Labels) -> dict[str, np.ndarray]:
    """Return air: nose and sinuses of the labels, their floors below the labels' end, mastoid cells, frontal sinus."""
    p = LATTICE.axes()
    _, y, z = p
    air = labels.of("air")
    head = ni.binary_closing(np.pad(~air, 12), BALL, iterations=9)[12:-12, 12:-12, 12:-12]
    head = np.stack([ni.binary_fill_holes(s) for s in head])
    inside = (
        air & ni.binary_erosion(np.pad(head, ((3, 0), (0, 0), (0, 0)), mode="edge"), BALL, iterations=3)[3:]
    )
    sure = ni.uniform_filter(inside.astype(np.float32), 3) > 0.35
    d = labels.signed(ni.binary_opening(inside, BALL) | (inside & sure), 0.55)
    d = smooth_max(d + np.clip(-65 - z, 0, 30) * 0.9, y - 5 + 0.02 * (z + 46) ** 2, 3.0)
    for side in (-1, 1):
        d = smooth_min(d, ellipsoid(p, (side * 29, -48, -68), (12.5, 16, 15)), 2.0)
        floor = ellipsoid(p, (side * 6.0, -44, -79), (4.4, 29, 5.6))
        turbinate = capsule(p, (side * 8.6, -68, -77), (side * 8.6, -22, -75), 3.0, 3.0)
        d = smooth_min(d, smooth_max(floor, -turbinate, 2.0), 1.5)
    cells = labels.signed(ni.binary_opening(labels.of("mastoid_air", "mastoid_cell"), BALL), 0.45)
    frontal = labels.signed(labels.of("frontal_sinus"), 0.7)
    return {"air": d, "cells": cells, "frontal": frontal}


def main() -> None:
    labels, atlas = Labels(), Atlas()
    solid, air = parts(labels), cavities(labels)
    empty = np.minimum(np.minimum(air["air"], air["cells"] + 0.1), air["frontal"])
    _, y, z = LATTICE.axes()
    fillet = 0.8 + 4.0 * np.clip((-52 - y) / 12, 0, 1) * np.clip((z + 46) / 12, 0, 1)
    bone = np.maximum(smooth_min(solid["cranium"], solid["face"], fillet), -solid["hollow"])
    bone = np.maximum(np.minimum(bone, solid["plates"]), -empty)
    atlas.put("skull", *surface(bone, LATTICE, 48000, 1, 60.0))
    diploe = np.maximum(labels.signed(labels.of("diploe"), 0.8), bone + 1.0)
    face = np.maximum(np.maximum(solid["face"] + 1.5, bone + 1.1), -solid["plates"] + 0.6)
    atlas.put("diploe", *surface(diploe, LATTICE, 11000, 2, 40.0))
    atlas.put("cancellous", *surface(np.maximum(face, -diploe + 0.2), LATTICE, 9000, 2, 40.0))
    petrous = labels.signed(labels.of("petrous"), 0.7)
    atlas.put("petrous", *surface(np.maximum(petrous, bone + 0.3), LATTICE, 5000, 2, 60.0))
    atlas.put("air", *surface(air["air"], LATTICE, 11000, 2, 60.0))
    atlas.put("cells", *surface(air["cells"], LATTICE, 9000, 1, 2.0))
    atlas.put("frontal", *surface(air["frontal"], LATTICE, 1200, 2, 30.0))
    jaw(atlas)
    atlas.parts |= lines(np.maximum(bone, -10), solid["hollow"])
    young(atlas, solid["hollow"])
    np.savez_compressed(OUT, **atlas.parts)
    print(OUT, OUT.stat().st_size)


CRACKS = (
    ((60, 40, 60), (70, 30, 36), (72, 24, 10), (70, 2, -6), (62, -24, -16)),
    ((30, -62, 44), (46, -52, 24), (58, -40, 4), (62, -26, -16)),
    ((24, 96, 50), (46, 88, 28), (58, 78, 6), (62, 66, -20)),
)
"""Ways of linear fractures over the left side of the vault, atlas mm: temporoparietal, frontal, occipital."""


def young(atlas: Atlas, hollow: np.ndarray) -> None:
    """Put where corners lie when the vault is .35 as thick: drawn to the inner table (keys NAME.y, NAME.w)."""
    slope = np.gradient(ni.gaussian_filter(hollow, 1.5), LATTICE.mm)
    for key in ("skull.v", "diploe.v", *(k for k in atlas.parts if k.endswith(".l"))):
        points = atlas.parts[key] / 32.0
        v = points.reshape(-1, 3)
        at = LATTICE.index(v).T
        h = ni.map_coordinates(hollow, at, order=1)
        n = np.stack([ni.map_coordinates(g, at, order=1) for g in slope], 1)
        n /= np.linalg.norm(n, axis=1, keepdims=True) + 1e-6
        high = np.clip((v[:, 2] + 30 + 0.25 * (40 - v[:, 1]).clip(0, None)) / 10, 0, 1)
        back = np.clip((v[:, 1] - 55) / 15, 0, 1)
        brow = np.where(
            (v[:, 1] < -44) & (np.abs(v[:, 0]) < 56), np.clip((25 - h) / 14, 0, 1), 0
        )  # flat in a child
        share = 0.65 * np.clip(h, 0, 11) * np.maximum(high, back) * np.where(h < 11, 1, brow)
        name = key[:-1] + ("y" if key.endswith(".v") else "w")
        atlas.parts[name] = np.round((v - n * share[:, None]) * 32).astype(np.int16).reshape(points.shape)


def lines(bone: np.ndarray, hollow: np.ndarray) -> dict[str, np.ndarray]:
    """Return sutures and the grooves of meningeal arteries as chains of points on the tables, 1/32 mm; NAME.l (n, 2, 3)."""
    rng = np.random.default_rng(11)
    centre = np.array((0.0, 15.0, 15.0))

    def on(direction: np.ndarray, field: np.ndarray, inward: float) -> np.ndarray:
        u = direction / np.linalg.norm(direction)
        r = np.arange(40, 125, 0.4)
        d = ni.map_coordinates(
            field, LATTICE.index(centre + r[:, None] * u).T, order=1, cval=9, mode="constant"
        )
        inside = np.flatnonzero(d < 0)
        return centre + (r[inside[-1]] - inward) * u if len(inside) else centre + 80 * u

    def chain(places: list, field: np.ndarray, step: float, jitter: float, inward: float) -> np.ndarray:
        corners = [np.array(q, float) - centre for q in places]
        dense = [
            a + (b - a) * t
            for a, b in pairwise(corners)
            for t in np.arange(0, 1, step / np.linalg.norm(b - a))
        ]
        wander = ni.gaussian_filter1d(rng.standard_normal((len(dense) + 1, 3)), 4, axis=0) * (
            2.5 if jitter else 7.0
        )
        dense = [q + w for q, w in zip([*dense, corners[-1]], wander, strict=True)]
        flips = rng.uniform(0.3, 1.0, len(dense)) * np.where(np.arange(len(dense)) % 2, 1, -1) * jitter
        along = np.gradient(np.array(dense), axis=0)
        side = np.cross(along, np.array(dense))
        side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-6
        points = np.array([on(q + s * f, field, inward) for q, s, f in zip(dense, side, flips, strict=True)])
        return np.stack([points[:-1], points[1:]], 1)

    full = np.minimum(bone, hollow)
    bregma, lambda_ = (0, -14, 90), (0, 92, 62)
    out = {
        "sagittal": [chain([bregma, (1, 30, 90), (0, 65, 82), lambda_], full, 2.6, 2.2, 1.0)],
        "meningeal": [],
    }
    out |= {"coronal": [], "lambdoid": [], "squamous": []}
    for s in (-1, 1):
        out["coronal"].append(
            chain([bregma, (s * 35, -20, 80), (s * 62, -28, 40), (s * 68, -32, 0)], full, 2.8, 1.8, 1.0)
        )
        out["lambdoid"].append(
            chain([lambda_, (s * 38, 92, 40), (s * 62, 75, 5), (s * 68, 58, -18)], full, 2.6, 2.4, 1.0)
        )
        out["squamous"].append(
            chain(
                [(s * 68, -28, -12), (s * 74, -8, 8), (s * 76, 22, 6), (s * 72, 48, -14)], full, 4.0, 0.7, 0.6
            )
        )
        stem = (s * 58, -22, -22)
        for branch in (
            [stem, (s * 66, -20, 10), (s * 60, -18, 45), (s * 42, -14, 70)],
            [(s * 64, -20, 8), (s * 66, 0, 28), (s * 58, 16, 55)],
            [(s * 62, -19, 30), (s * 56, 0, 56), (s * 40, 12, 76)],
            [stem, (s * 70, 12, -2), (s * 70, 45, 14), (s * 58, 70, 30)],
            [(s * 70, 14, -1), (s * 70, 34, 34), (s * 56, 50, 58)],
        ):
            out["meningeal"].append(chain(branch, hollow, 3.0, 0.0, -0.2))
    for k, places in enumerate(CRACKS):
        for s, name in ((1, "l"), (-1, "r")):
            out[f"crack_{k}_{name}"] = [chain([(s * x, y, z) for x, y, z in places], full, 2.2, 0.5, 0.3)]
    return {f"{k}.l": np.round(np.concatenate(v) * 32).astype(np.int16) for k, v in out.items()}


def jaw(atlas: Atlas) -> None:
    """Put the mandible without its teeth: a bone with a cortex of 2 to 3 mm."""
    v, t = opensim("jaw")
    crest = -28 + 0.2 * (v[:, 1] + 101) - 7.5
    crown = (v[:, 1] < -53) & (v[:, 2] > crest)
    low = v.copy()
    low[crown, 2] = crest[crown] + (v[crown, 2] - crest[crown]) * 0.1
    d = distance(filled(to_atlas(low), t, JAW), JAW.mm, 0.8)
    w, f = surface(d, JAW, 9000, 2, 500.0)
    atlas.put("mandible", w, f, inset(w, f, 2.3, d, JAW))


if __name__ == "__main__":
    main()
