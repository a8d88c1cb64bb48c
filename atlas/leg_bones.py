"""Pelvis, femur, patella, tibia and fibula of a right leg, from the shape models of musculoskeletal-models. Offline.

The package's left leg is mirrored and set up again, because in its mean the bones meet without cartilage between
them: hip centres at z = 0 and y = 0, the femur's mechanical axis and the tibia's upright, the condyles' backs across,
4 mm and more between bone and bone. Crests, spines and a deeper notch, which the smooth mean has lost, are put back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import bones
import fields
import numpy as np
import scipy.sparse as sp
import trimesh
from scipy.spatial import cKDTree

FILES = (
    ("pelvis", "pelvis_combined_cubic_flat.mesh"),
    ("femur", "femur_left_quartic_flat.mesh"),
    ("patella", "patella_11_left.mesh"),
    ("tibfib", "tibia_fibula_left_cubic_flat.mesh"),
)
MODES = 6
JOINT_MM = 3.6
"""Between femur and tibia; of two layers of cartilage (in the middle of the compartments)."""


@dataclass
class Part:
    v: np.ndarray
    t: np.ndarray
    modes: np.ndarray
    """(modes, n, 3): one standard deviation each."""

    def moved(self, turn: np.ndarray, shift: np.ndarray) -> None:
        """p → turn · p + shift."""
        self.v = self.v @ turn.T + shift
        self.modes = self.modes @ turn.T
        if np.linalg.det(turn) < 0:
            self.t = self.t[:, ::-1].copy()


def parts(package: Path) -> dict[str, Part]:
    """Dense closed meshes of the left leg and the whole pelvis in the package's frame, with modes of shape."""
    root = package / "musculoskeletal" / "models"
    mean, modes, variance = fields.shape_model(root / "shape_models" / "LLP26_rigid.pc")
    mean = mean.reshape(3, -1).T
    modes = (
        (modes[:, : MODES + 1] * np.sqrt(variance[: MODES + 1])).reshape(3, -1, MODES + 1).transpose(2, 1, 0)
    )
    found, at = {}, 0
    for name, file in FILES:
        count = json.loads((root / "atlas_meshes" / file).read_text())["number_of_points"]
        span = slice(at, at + count)
        s = fields.Surface(root / "atlas_meshes" / file, mean[span], 10)
        at += count
        v, m = s.weights @ mean[span], s.weights @ modes[:, span]
        label = _labels(len(v), s.triangles)
        for k in np.unique(label):
            mine = s.triangles[label[s.triangles[:, 0]] == k]
            used, index = np.unique(mine, return_inverse=True)
            mesh = trimesh.Trimesh(v[used], index.reshape(-1, 3), process=False)
            trimesh.repair.fix_normals(mesh)
            pv, pt = bones.outward(np.array(mesh.vertices), np.array(mesh.faces))
            found[f"{name}{k}"] = Part(pv, pt, _shape_only(pv, m[:, used]))
    names = {"femur0": "femur", "patella0": "patella"}
    sides = sorted((k for k in found if k.startswith("pelvis")), key=lambda k: found[k].v[:, 0].mean())
    names |= dict(zip(sides, ("hip_other", "sacrum", "hip"), strict=True))
    long = sorted(
        (k for k in found if k.startswith("tibfib")), key=lambda k: -bones.volume(found[k].v, found[k].t)
    )
    names |= {long[0]: "tibia", long[1]: "fibula"}
    return {new: found[old] for old, new in names.items()}


def _labels(n: int, t: np.ndarray) -> np.ndarray:
    e = np.r_[t[:, :2], t[:, 1:]]
    label = sp.csgraph.connected_components(sp.coo_matrix((np.ones(len(e)), e.T), (n, n)))[1]
    _, first = np.unique(label, return_index=True)
    order = np.argsort(first)  # numbered in the order of the file
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    return rank[label]


def _shape_only(v: np.ndarray, modes: np.ndarray) -> np.ndarray:
    """Modes without what moves, turns or enlarges the bone as a whole: those belong to pose and stature."""
    c = v - v.mean(0)
    z = np.zeros(len(c))
    basis = [np.tile(e, (len(c), 1)) for e in np.eye(3)]
    basis += [
        np.stack(x, 1) for x in ((z, -c[:, 2], c[:, 1]), (c[:, 2], z, -c[:, 0]), (-c[:, 1], c[:, 0], z))
    ]
    basis.append(c)
    b = np.linalg.qr(np.array([x.ravel() for x in basis]).T)[0]
    flat = modes.reshape(len(modes), -1)
    return (flat - (flat @ b) @ b.T).reshape(modes.shape)


def sphere(p: np.ndarray) -> tuple[np.ndarray, float]:
    s = np.linalg.lstsq(np.c_[2 * p, np.ones(len(p))], (p**2).sum(1), rcond=None)[0]
    return s[:3], float(np.sqrt(s[3] + s[:3] @ s[:3]))


def head_of(v: np.ndarray) -> tuple[np.ndarray, float]:
    c, r = sphere(
        v[(v[:, 2] > v[:, 2].max() - 37) & (v[:, 0] < v[v[:, 2] > v[:, 2].max() - 90, 0].mean() + 5)]
    )
    for _ in range(6):
        c, r = sphere(v[np.abs(np.linalg.norm(v - c, axis=1) - r) < 1.0])
    return c, r


def socket_of(hip: Part, guess: np.ndarray) -> tuple[np.ndarray, float]:
    n = bones.normals(hip.v, hip.t)
    c, near, slack = guess, 24.0, 9.0
    for _ in range(10):
        arm = c - hip.v
        length = np.linalg.norm(arm, axis=1)
        hit = (np.abs(length - near) < slack) & ((n * arm).sum(1) > 0.8 * length)
        c, near = sphere(hip.v[hit])
        slack = max(1.6, slack * 0.7)
    return c, near


def turn_to(z: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The turn that takes direction z to (0, 0, 1) and x, as far as it lies across, to (1, 0, 0)."""
    z = z / np.linalg.norm(z)
    x = x - z * (x @ z)
    x = x / np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z])


def mirror_plane(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Normal and a point of the plane that takes point cloud a onto b (iterative closest points)."""
    n, p = np.array([1.0, 0, 0]), (a.mean(0) + b.mean(0)) / 2
    tree = cKDTree(b)
    for _ in range(40):
        m = a - 2 * ((a - p) @ n)[:, None] * n
        q = b[tree.query(m)[1]]
        d = a - q  # a and its partner: the plane halves their distance
        mid = (a + q) / 2
        w = np.linalg.svd(d, full_matrices=False)[2]
        n = w[0] * np.sign(w[0] @ np.array([1.0, 0, 0]))
        p = p + n * ((mid - p) @ n).mean()
    return n, p


def right_leg(found: dict[str, Part]) -> dict[str, np.ndarray]:
    """Set the parts up as a right leg under an upright pelvis, in place; return landmarks, mm."""
    n, p = mirror_plane(found["hip"].v[::3], found["hip_other"].v[::3])
    head, r = head_of(found["femur"].v)
    socket, _ = socket_of(found["hip"], head)
    marks = _pelvis(found, n, p, socket)
    _femur(found["femur"], head, r)
    _lower_leg(found, marks)
    return marks


def _pelvis(
    found: dict[str, Part], n: np.ndarray, p: np.ndarray, socket: np.ndarray
) -> dict[str, np.ndarray]:
    """Straighten the pelvis, mirror its left half onto the right, and set the hip centres to y = z = 0."""
    up = np.array([0, 0, 1.0])
    turn = turn_to(up - n * (up @ n), n)
    for name in ("hip", "hip_other", "sacrum"):
        found[name].moved(turn, -turn @ p)
    at = turn @ (socket - p)
    hip = found["hip"].v
    spine = hip[(hip[:, 1] < hip[:, 1].min() + 45) & (hip[:, 2] > at[2] + 25)]
    spine = spine[spine[:, 1].argmin()]
    pubis = hip[hip[:, 0] < 30]
    pubis = pubis[pubis[:, 1].argmin()]
    lean = np.arctan2(
        spine[1] - pubis[1], spine[2] - pubis[2]
    )  # of the plane through the iliac spines and the pubis
    a = lean + np.radians(4)  # lying, it is level to within a few degrees; standing, it tips forward
    pitch = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    at = pitch @ at
    flip = np.diag([-1.0, 1, 1])
    for name in ("hip", "sacrum"):
        found[name].moved(pitch, -np.array([0, at[1], at[2]]))
    found["hip"].moved(flip, np.zeros(3))
    sacrum = found["sacrum"]
    sacrum.v[:, 0] -= np.median(sacrum.v[:, 0]) * 0.8
    del found["hip_other"]
    print("pelvis lean", np.degrees(lean), "hip centre", -at[0], spine, pubis)
    return {"hip": np.array([-at[0], 0.0, 0.0])}


def _femur(femur: Part, head: np.ndarray, r: float) -> None:
    """Set the femur up: head at the hip centre, mechanical axis upright, condyles' backs across; a right one."""
    v = femur.v
    knee = v[v[:, 2] < v[:, 2].min() + 55]
    mid = (knee[:, 0].min() + knee[:, 0].max()) / 2
    backs = [q[q[:, 1].argmax()] for q in (knee[knee[:, 0] < mid - 8], knee[knee[:, 0] > mid + 8])]
    lows = [q[q[:, 2].argmin()] for q in (knee[knee[:, 0] < mid - 8], knee[knee[:, 0] > mid + 8])]
    centre = (lows[0] + lows[1]) / 2 + (0, 0, 12)
    turn = turn_to(head - centre, backs[1] - backs[0])
    flip = np.diag([-1.0, 1, 1])
    femur.moved(flip @ turn, -flip @ turn @ head)
    c = np.zeros(3)
    arm = femur.v - c
    length = np.linalg.norm(arm, axis=1)
    femur.v = c + arm * (1 - 0.075 * np.clip((r + 2.5 - length) / 2.0, 0, 1))[:, None]
    print("femur head radius", r, "length", np.ptp(femur.v[:, 2]))


def _lower_leg(found: dict[str, Part], marks: dict[str, np.ndarray]) -> None:
    """Set tibia, fibula and patella under the femur, with room for cartilage; all move to the hip centre's x after."""
    flip = np.diag([-1.0, 1, 1])
    tibia, femur = found["tibia"], found["femur"]
    n = bones.normals(tibia.v, tibia.t)
    top, base = tibia.v[:, 2].max(), tibia.v[:, 2].min()
    plateau = tibia.v[(tibia.v[:, 2] > top - 25) & (n[:, 2] > 0.9)].mean(0)
    plafond = tibia.v[(tibia.v[:, 2] < base + 32) & (n[:, 2] < -0.9)].mean(0)
    back = tibia.v[(tibia.v[:, 2] > top - 30) & (tibia.v[:, 2] < top - 8)]
    wide = np.linalg.svd(back[:, :2] - back[:, :2].mean(0), full_matrices=False)[2][0]
    across = np.array([*(wide * np.sign(wide[0])), 0.0])
    turn = flip @ turn_to(plateau - plafond, across)
    for name in ("tibia", "fibula"):
        found[name].moved(turn, -turn @ plateau)
    low = femur.v[:, 2].min()
    condyles = femur.v[femur.v[:, 2] < low + 30]
    mid = (condyles[:, 0].min() + condyles[:, 0].max()) / 2
    rest = condyles[condyles[:, 2] < low + 6]
    at = np.array([mid, rest[:, 1].mean() - 2.0, low - 2.0])
    for name in ("tibia", "fibula"):
        found[name].v += at
    _fit_knee(femur, [tibia, found["fibula"]])
    _notch_and_spines(femur, tibia, mid)
    _patella(femur, found["patella"], flip, mid)
    x = marks["hip"][0]
    for name in ("femur", "tibia", "fibula", "patella"):
        found[name].v[:, 0] += x
    marks["knee"] = np.array([mid + x, at[1], low])
    marks["ankle"] = (
        found["tibia"]
        .v[(bones.normals(tibia.v, tibia.t)[:, 2] < -0.9) & (tibia.v[:, 2] < tibia.v[:, 2].min() + 32)]
        .mean(0)
    )
    marks["tibia_top"] = np.array([mid + x, at[1], tibia.v[:, 2].max()])


def _gaps(femur: Part, tibia: Part, mid: float) -> np.ndarray:
    """The least upright distance of the bones in the medial and the lateral compartment."""
    top, low = tibia.v[:, 2].max(), femur.v[:, 2].min()
    a, b = femur.v[femur.v[:, 2] < low + 18], tibia.v[tibia.v[:, 2] > top - 22]
    gap = []
    for side in (-1, 1):
        p, q = a[(a[:, 0] - mid) * side > 9], b[(b[:, 0] - mid) * side > 9]
        near = cKDTree(q[:, :2]).query(p[:, :2])
        d = (p[:, 2] - q[near[1], 2])[near[0] < 3]
        gap.append(np.percentile(d, 1))
    return np.array(gap)


def _fit_knee(femur: Part, lower: list[Part]) -> None:
    mid = lower[0].v[lower[0].v[:, 2] > lower[0].v[:, 2].max() - 10, 0].mean()
    for _ in range(4):
        gap = _gaps(femur, lower[0], mid)
        a = np.arctan2(gap[1] - gap[0], 46.0)
        top = np.array([mid, 0, lower[0].v[:, 2].max()])
        tilt = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
        for part in lower:
            part.v = (part.v - top) @ tilt.T + top
            part.v[:, 2] += gap.mean() - JOINT_MM
        print("knee gaps", gap, "tilt", np.degrees(a))


def _bump(
    v: np.ndarray, at: np.ndarray, wide: tuple[float, float, float], push: tuple[float, float, float]
) -> np.ndarray:
    w = np.exp(-0.5 * (((v - at) / wide) ** 2).sum(1))
    return v + w[:, None] * np.array(push)


def _notch_and_spines(femur: Part, tibia: Part, mid: float) -> None:
    """The intercondylar notch and eminence, the tuberosity: smoothed away in the mean, landmarks on a film."""
    low = femur.v[:, 2].min()
    back = femur.v[femur.v[:, 2] < low + 40, 1].max()
    femur.v = _bump(femur.v, np.array([mid, back - 22, low + 14]), (6.5, 15.0, 13.0), (0, -2, 8.0))
    n = bones.normals(tibia.v, tibia.t)
    top = tibia.v[(n[:, 2] > 0.85) & (np.abs(tibia.v[:, 0] - mid) < 12)]
    for dx, dy, h in ((4.5, 2.0, 3.6), (-5.0, 4.0, 3.0)):
        near = top[np.hypot(top[:, 0] - mid - dx, top[:, 1] - top[:, 1].mean() - dy) < 4]
        peak = np.array([mid + dx, top[:, 1].mean() + dy, near[:, 2].mean()])
        tibia.v = _bump(tibia.v, peak, (3.2, 5.0, 6.0), (0, 0, h))
    z = tibia.v[:, 2].max() - 42
    ring = tibia.v[np.abs(tibia.v[:, 2] - z) < 4]
    front = ring[ring[:, 1].argmin()]
    tibia.v = _bump(tibia.v, front, (7.0, 9.0, 11.0), (0, -3.2, 0))


def _patella(femur: Part, patella: Part, flip: np.ndarray, mid: float) -> None:
    """In front of the groove, its lower pole a finger above the joint, 4 mm of cartilage behind it."""
    c = patella.v.mean(0)
    patella.moved(flip, -flip @ c)
    low = femur.v[:, 2].min()
    pole = patella.v[:, 2].min()
    at = np.array([mid - 1.5, 0.0, low + 17.0 - pole])
    front = femur.v[(np.abs(femur.v[:, 0] - mid) < 9) & (np.abs(femur.v[:, 2] - at[2]) < 12)][:, 1].min()
    at[1] = front - 14
    tree = cKDTree(femur.v)
    for _ in range(12):
        gap = tree.query(patella.v + at)[0].min()
        at[1] -= (4.2 - gap) * 0.7
    patella.v = patella.v + at
    print("patella gap", tree.query(patella.v)[0].min())
