"""Build src/fhir2dicom/anatomy/atlas/surfaces.npz: what a chest film sees, as closed meshes in the atlas frame.

From the donor's CT and organ labels (donor.py; source and licence in NOTICE), modified: lungs and bronchi are
those of torso.npz (build_torso.py), without the donor's vessels and mass; ribs redrawn as tubes along their centre
lines. Clavicles (the field of view cuts them), humeri, neck, shoulders and arms are solids of our own.

usage: python atlas/build_surfaces.py FOLDER   (nibabel, scipy, scikit-image, fast-simplification)
For a mesh m: m.v int16, 1/32 mm; m.t uint16; bones also m.i, the inner face of the cortex, triangle by triangle.
"""

from __future__ import annotations

from pathlib import Path

import donor
import fast_simplification
import numpy as np
import scipy.ndimage as ni
import scipy.sparse as sp
from scipy.interpolate import splev, splprep
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from skimage.measure import marching_cubes

from fhir2dicom.anatomy.tissues import LABEL

OUT = Path(__file__).parents[1] / "src/fhir2dicom/anatomy/atlas/surfaces.npz"
ATLAS = dict(np.load(OUT.with_name("torso.npz")))  # build_torso.py first
PX, PZ = donor.PIXEL_MM, donor.SLICE_MM
COLON, STOMACH = 20, 6
BALL = ni.generate_binary_structure(3, 1)

# part        label(s)  lattice mm  blur mm  level mm  triangles  cortex mm
BONES = (
    ("scapula_r", (72,), 1.4, 0.7, 0.25, 2600, 0.8),
    ("scapula_l", (71,), 1.4, 0.7, 0.25, 2600, 0.8),
    ("sternum", (116,), 1.6, 1.0, 0.0, 1100, 0.50),
    ("cartilage", (118,), 2.0, 1.2, 0.0, 2400, 0.0),
    *((f"vertebra_{k}", (k,), 1.5, 0.7, 0.10, 1000, 0.55) for k in range(29, 44)),
)
NECK = range(44, 49)
"""Vertebrae that the scan cuts or does not reach: C7 to C3, copies of the first thoracic one (43)."""


def upright(points: np.ndarray, tilt: np.ndarray) -> np.ndarray:
    """Voxel indices (z, y, x) to atlas mm (x, y, z)."""
    z = points[:, 0] * PZ
    return np.c_[points[:, 2] * PX - np.polyval(tilt, z), points[:, 1] * PX, z]


def depth_of(mask: np.ndarray) -> np.ndarray:
    """Signed distance inside each slice, mm, positive inside; empty slices take the distance in 3-D."""
    whole = ni.distance_transform_edt(mask, (PZ, PX, PX)) - ni.distance_transform_edt(~mask, (PZ, PX, PX))
    flat = [
        (ni.distance_transform_edt(s) - ni.distance_transform_edt(~s) + np.where(s, -0.5, 0.5)) * PX
        if s.any()
        else w
        for s, w in zip(mask, whole, strict=True)
    ]
    return np.clip(np.array(flat, np.float32), -12, 12)


def smooth(v: np.ndarray, t: np.ndarray, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Taubin 1995: shrink .5, grow .53; then orient outwards."""
    e = np.r_[t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]
    a = sp.coo_matrix((np.ones(len(e)), (e[:, 0], e[:, 1])), (len(v),) * 2).tocsr()
    a = ((a + a.T) > 0).astype(float)
    a = sp.diags(1 / np.maximum(np.asarray(a.sum(1)).ravel(), 1)) @ a
    for _ in range(rounds):
        v = v + 0.5 * (a @ v - v)
        v = v - 0.53 * (a @ v - v)
    return v, t if volume(v, t) > 0 else t[:, ::-1]


def volume(v: np.ndarray, t: np.ndarray) -> float:
    return float((v[t[:, 0]] * np.cross(v[t[:, 1]], v[t[:, 2]])).sum() / 6)


def thin(v: np.ndarray, t: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Quadric edge collapse (Garland & Heckbert 1997): few triangles where it is flat."""
    if len(t) <= count:
        return v, t
    v, t = fast_simplification.simplify(
        v.astype(np.float32), np.ascontiguousarray(t, np.int32), 1 - count / len(t), agg=8
    )
    return v.astype(float), t


def surface(mask: np.ndarray, tilt: np.ndarray, lattice: float, blur: float, level: float, rounds: int = 6):
    box = ni.find_objects(ni.binary_dilation(mask, iterations=6).astype(int))[0]
    cut = np.pad(mask[box], ((1, 1), (1, 1), (1, 1)))
    f = ni.gaussian_filter(depth_of(cut), (blur * 0.5 / PZ, blur / PX, blur / PX))
    shape = [int(n * d / lattice) + 1 for n, d in zip(f.shape, (PZ, PX, PX), strict=True)]
    at = np.meshgrid(
        *(np.arange(n) * lattice / d for n, d in zip(shape, (PZ, PX, PX), strict=True)), indexing="ij"
    )
    g = np.pad(ni.map_coordinates(f, at, order=1, mode="nearest"), 1, constant_values=-3)
    g[:2] = np.minimum(g[:2], -0.6)
    g[-2:] = np.minimum(g[-2:], -0.6)
    v, t, _, _ = marching_cubes(g, -level)
    low = np.array([s.start - 1 for s in box])
    return smooth(upright((v - 1) * lattice / (PZ, PX, PX) + low, tilt), t, rounds)


def largest(mask: np.ndarray) -> np.ndarray:
    parts, _ = ni.label(mask)
    size = np.bincount(parts.ravel())
    size[0] = 0
    return parts == size.argmax()


def inset(v: np.ndarray, t: np.ndarray, cortex: np.ndarray | float) -> np.ndarray:
    n = np.zeros_like(v)
    f = np.cross(v[t[:, 1]] - v[t[:, 0]], v[t[:, 2]] - v[t[:, 0]])
    for k in range(3):
        np.add.at(n, t[:, k], f)
    n /= np.linalg.norm(n, axis=1, keepdims=True) + 1e-9
    return v - n * np.broadcast_to(np.asarray(cortex, float), (len(v),))[:, None]


class Atlas:
    def __init__(self) -> None:
        self.parts: dict[str, np.ndarray] = {}

    def put(self, name: str, v: np.ndarray, t: np.ndarray, cortex: np.ndarray | float | None = None) -> None:
        assert len(v) < 65536, name
        self.parts[name + ".v"] = np.round(v * 32).astype(np.int16)
        self.parts[name + ".t"] = t.astype(np.uint16)
        if cortex is not None:
            self.parts[name + ".i"] = np.round(inset(v, t, cortex) * 32).astype(np.int16)
        print(
            f"{name:12} {len(v):6} vertices {len(t):6} triangles {volume(v, t) / 1000:8.1f} cm3", flush=True
        )


# ------------------------------------------------------------------------------------------ skin and flesh
GRID = 4.0
LOW, HIGH = np.array([-300.0, -20.0, -60.0]), np.array([300.0, 340.0, 440.0])


def union(a: np.ndarray, b: np.ndarray, k: float) -> np.ndarray:
    """Smooth union of two solids given by depth (Quilez's polynomial)."""
    h = np.clip(0.5 + 0.5 * (a - b) / k, 0, 1)
    return b * (1 - h) + a * h + k * h * (1 - h)


class Lattice:
    def __init__(self) -> None:
        x, y, z = (np.arange(a, b, GRID) for a, b in zip(LOW, HIGH, strict=True))
        self.z, self.y, self.x = np.meshgrid(z, y, x, indexing="ij")

    def cone(self, a, b, ra: float, rb: float, squash: float = 1.0) -> np.ndarray:
        """Depth inside a round cone, flattened front to back by ``squash``."""
        a, b = np.array(a, float), np.array(b, float)
        d = b - a
        h = np.clip(
            ((self.x - a[0]) * d[0] + (self.y - a[1]) * d[1] + (self.z - a[2]) * d[2]) / (d @ d), 0, 1
        )
        dx, dy, dz = self.x - a[0] - h * d[0], (self.y - a[1] - h * d[1]) / squash, self.z - a[2] - h * d[2]
        return ra + (rb - ra) * h - np.sqrt(dx**2 + dy**2 + dz**2)

    def mesh(self, f: np.ndarray, triangles: int, rounds: int = 6):
        f = np.pad(f, 1, constant_values=-4)
        f[[0, -1]] = f[:, [0, -1]] = f[:, :, [0, -1]] = -4
        v, t, _, _ = marching_cubes(f, 0)
        v, t = smooth((v - 1)[:, ::-1] * GRID + LOW, t, rounds)
        return thin(v, t, triangles)

    def skin(self, top: float) -> np.ndarray:
        """Depth under the skin of the CT's own atlas, mm; as at ``top`` above it."""
        inside = [ni.binary_fill_holes(s) for s in ATLAS["labels"] != LABEL["air"]]
        depth = np.array(
            [np.clip(ni.distance_transform_edt(s) - ni.distance_transform_edt(~s), -40, 40) for s in inside]
        )
        low = ATLAS["origin"]
        at = [np.clip(self.z, 0, top) - low[2], self.y - low[1], self.x - low[0]]
        blurred = ni.gaussian_filter(depth.astype(np.float32), (2, 1.4, 1.4))
        return ni.map_coordinates(blurred, at, order=1, mode="constant", cval=-40)

    def sample(self, volume: np.ndarray, tilt: np.ndarray, top: float, outside: float) -> np.ndarray:
        z = np.clip(self.z, 0, top)
        at = [z / PZ, self.y / PX, (self.x + np.polyval(tilt, z)) / PX]
        return ni.map_coordinates(volume, at, order=1, mode="constant", cval=outside)


def flesh(hu: np.ndarray, tilt: np.ndarray, bones: np.ndarray, atlas: Atlas) -> None:
    body = np.zeros(hu.shape, bool)
    for z, s in enumerate(hu):
        body[z] = ni.binary_fill_holes(largest(ni.binary_opening(s > -300, iterations=4)))
    grid = Lattice()
    top = 262.0  # above, the donor's arms are raised and cut by the field of view
    skin = grid.skin(top)
    lean = body & (ni.gaussian_filter(hu.astype(np.float32), (0.6, 1.2, 1.2)) > -35)
    lung = ni.binary_fill_holes(ni.binary_closing(body & (hu < -300), BALL, 2))
    lean = ni.binary_opening(lean | lung | bones, BALL, 2)
    lean_depth = ni.gaussian_filter(np.where(lean, 3.0, -3.0).astype(np.float32), (0.8, 2.5, 2.5))
    meat = grid.sample(lean_depth, tilt, top, -3)
    fade = np.clip((grid.z - 250) / 60, 0, 1) ** 1.5
    for pose in ("down", "up"):
        s, m = skin - 50 * fade, meat - 8 * fade
        neck = union(
            grid.cone((0, 200, 250), (0, 172, 440), 70, 58),
            grid.cone((0, 215, 240), (0, 200, 330), 78, 60),
            30,
        )
        s, m = union(s, neck, 26), union(m, neck - 7, 14)
        for side in (-1, 1):
            if pose == "down":
                shoulder = grid.cone((side * 45, 205, 300), (side * 150, 190, 268), 58, 52, 0.95)
                arm = union(shoulder, grid.cone((side * 163, 185, 262), (side * 212, 172, 30), 56, 46), 18)
            else:
                shoulder = grid.cone((side * 50, 208, 285), (side * 114, 200, 300), 60, 52)
                arm = union(shoulder, grid.cone((side * 118, 198, 302), (side * 142, 160, 480), 46, 40), 40)
            s, m = union(s, arm, 34 if pose == "up" else 22), union(m, arm - 8, 12)
        atlas.put(f"skin_{pose}", *grid.mesh(ni.gaussian_filter(s, 0.7), 9000, 8))
        atlas.put(f"lean_{pose}", *grid.mesh(ni.gaussian_filter(np.minimum(m, s - 2.5), 0.8), 5000, 3))


# ------------------------------------------------------------------------------------------ lungs and air
def from_labels(where: np.ndarray, blur: float, rounds: int):
    """A mesh round voxels of the CT's own atlas, so that film and CT have the same lungs, hila and bronchi."""
    box = ni.find_objects(ni.binary_dilation(where, iterations=4).astype(int))[0]
    f = np.pad(ni.gaussian_filter(where[box].astype(np.float32), blur), 1)
    v, t, _, _ = marching_cubes(f, 0.5)
    low = np.array([s.start - 1 for s in box])
    v = (v + low)[:, ::-1] + ATLAS["origin"]
    return smooth(v, t, rounds)


def trachea(air: np.ndarray) -> np.ndarray:
    """Draw the trachea on above the scan, up to the larynx: its last whole section, moved forwards with the neck."""
    whole = 308
    more = []
    for k in range(56):
        taper = max(0, k - 44)
        section = ni.shift(air[whole].astype(float), (-0.33 * (k + 1), 0), order=1) > 0.5
        more.append(ni.binary_erosion(section, iterations=taper // 3) if taper >= 3 else section)
    return np.concatenate([air[: whole + 1], np.array(more)])


def lungs_and_air(hu: np.ndarray, label: np.ndarray, tilt: np.ndarray, atlas: Atlas) -> None:
    labels = ATLAS["labels"]
    lung = labels == LABEL["lung"]
    part, _ = ni.label(ni.binary_opening(lung, BALL))
    sizes = np.bincount(part.ravel())
    sizes[0] = 0
    x = (
        np.array([c[2] for c in ni.center_of_mass(part > 0, part, np.argsort(sizes)[-2:])])
        + ATLAS["origin"][0]
    )
    if sizes[np.argsort(sizes)[-2]] > 0.3 * sizes.max():
        sides = {
            ("lung_r" if c < 0 else "lung_l"): part == k
            for c, k in zip(x, np.argsort(sizes)[-2:], strict=True)
        }
    else:  # the lungs touch behind the sternum
        y, x = (np.arange(n) + o for n, o in zip(labels.shape[1:], ATLAS["origin"][[1, 0]], strict=True))
        left = x[None, :] > np.clip(
            0.3 * (y[:, None] - 115), -6, 9
        )  # aslant, else the seam shows as a line on a frontal film
        sides = {"lung_r": lung & ~left, "lung_l": lung & left}
    for name, mask in sides.items():
        atlas.put(name, *thin(*from_labels(mask, 0.9, 6), 8000))
    atlas.put("airway", *thin(*from_labels(trachea(labels == LABEL["airway"]), 0.6, 4), 3600))
    gland = ni.binary_opening(labels == LABEL["breast_gland"], BALL)
    atlas.put("gland", *thin(*from_labels(gland, 1.2, 6), 1600))
    gas = ni.binary_opening(np.isin(label, (COLON, STOMACH, 18, 19)) & (hu < -350), BALL)
    v, t = surface(gas, tilt, 2.2, 0.9, 0.0, 5)
    atlas.put("gas", *thin(v, t, 3000))


# ------------------------------------------------------------------------------------------ bones
def centre_line(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a rib's smoothed centre line every 4 mm and its points' nearest stations."""
    pairs = cKDTree(q).query_pairs(3.2, output_type="ndarray")
    w = np.linalg.norm(q[pairs[:, 0]] - q[pairs[:, 1]], axis=1)
    graph = sp.coo_matrix((w, (pairs[:, 0], pairs[:, 1])), (len(q),) * 2).tocsr()
    far = dijkstra(graph, directed=False, indices=int(np.argmin(np.abs(q[:, 0]) - 0.3 * q[:, 1])))
    q, far = q[np.isfinite(far)], far[np.isfinite(far)]
    bins = [q[(far >= b) & (far < b + 5)] for b in np.arange(0, far.max(), 5.0)]
    middle = np.array([b.mean(0) for b in bins if len(b) > 3])
    spline, _ = splprep(middle.T, s=len(middle) * 0.7, k=3)
    return np.array(splev(np.linspace(-0.008, 1.008, max(20, int(far.max() / 4))), spline)).T, q


def rib(q: np.ndarray):
    line, q = centre_line(q)
    tangent = np.gradient(line, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1)[:, None]
    out = line - (0, 200, 0)
    out[:, 2] = 0
    out -= (out * tangent).sum(1)[:, None] * tangent
    out /= np.linalg.norm(out, axis=1)[:, None]
    up = np.cross(tangent, out)
    station = cKDTree(line).query(q)[1]
    off = q - line[station]
    a, b = (off * out[station]).sum(1), (off * up[station]).sum(1)
    moment = np.zeros((len(line), 3))
    for k in range(len(line)):
        w = np.abs(station - k) <= 2
        moment[k] = (
            (np.var(a[w]) + 0.1, np.mean((a[w] - a[w].mean()) * (b[w] - b[w].mean())), np.var(b[w]) + 0.3)
            if w.sum() > 8
            else moment[k - 1]
        )
    moment = ni.gaussian_filter1d(moment, 2.5, axis=0, mode="nearest")
    size, turn = np.linalg.eigh(moment[:, [[0, 1], [1, 2]]])
    axes = 2 * np.sqrt(size)
    long = turn[:, :, 1] * np.sign(turn[:, 1:, 1] + 1e-9)
    wide = out * long[:, :1] + up * long[:, 1:]
    flat = np.cross(tangent, wide)
    end = np.minimum(np.arange(len(line)), np.arange(len(line))[::-1])
    taper = np.sqrt(np.clip((end + 0.4) / 2.6, 0, 1))
    wide *= (np.clip(axes[:, 1], 3.4, 8.2) * 1.04 * taper)[:, None]
    flat *= (np.clip(axes[:, 0], 2.2, 4.6) * 1.08 * taper)[:, None]
    return tube(line, wide, flat, 18)


def neck(v: np.ndarray, t: np.ndarray, cortex: float, atlas: Atlas) -> None:
    """C7 to C3 by scaling the first thoracic vertebra: 17 to 15 mm apart, narrower, in the neck's lordosis."""
    middle = (v.min(0) + v.max(0)) / 2
    middle[0] = 0.0
    rise = 0.0
    v, t = thin(v, t, 600)
    for k, value in enumerate(NECK):
        rise += 17.0 - 0.5 * k
        size = np.array((0.80, 0.74, 0.74)) - (0.06 * min(k, 2), 0.02 * k, 0.01 * k)
        lean = np.array((0.0, -0.42 * rise + 0.0035 * rise**2, rise))
        atlas.put(f"vertebra_{value}", (v - middle) * size + middle + lean, t, cortex)


def clavicle():
    """A right clavicle between the donor's joints, 146 mm long: an S seen from above, thick at the sternum, flat at its end.

    Bow 13 mm forwards in the medial two thirds, 8 mm backwards in the lateral third; shaft 11 by 12 mm, cortex
    2.2 mm there, 0.9 at the ends (Bernat 2014; Andermahr 2007).
    """
    a, b = np.array((-22.0, 129.0, 293.0)), np.array((-100.0, 231.0, 328.0))
    along = (b - a) / np.linalg.norm(b - a)
    up = np.array((0.0, 0.0, 1.0)) - along * along[2]
    up /= np.linalg.norm(up)
    ahead = np.cross(along, up)
    ahead *= -np.sign(ahead[1])
    s = np.linspace(0.02, 0.965, 44)

    def row(*points: tuple[float, float]) -> np.ndarray:
        x, y = np.array(points).T
        return ni.gaussian_filter1d(np.interp(s, x, y), 2.0, mode="nearest")

    front = row((0, 2), (0.12, 7), (0.33, 13), (0.5, 8), (0.66, -1), (0.84, -8), (1, -3))
    high = row((0, -6), (0.12, -2), (0.3, 4), (0.5, 4.5), (0.7, 1), (0.85, 0), (1, 2.5))
    deep = row(
        (0, 11.5), (0.08, 10.5), (0.2, 7.5), (0.45, 6.0), (0.65, 6.6), (0.8, 9.0), (0.93, 10.5), (1, 8)
    )
    tall = row((0, 12.5), (0.08, 11.5), (0.2, 8.0), (0.45, 6.2), (0.65, 5.8), (0.85, 5.2), (1, 5.0))
    cortex = row((0, 0.9), (0.15, 1.4), (0.4, 2.2), (0.65, 2.0), (0.85, 1.1), (1, 0.8))
    end = np.minimum(np.arange(len(s)), np.arange(len(s))[::-1])
    taper = np.sqrt(np.clip((end + 0.35) / 2.6, 0, 1))
    line = a + np.linalg.norm(b - a) * s[:, None] * along + front[:, None] * ahead + high[:, None] * up
    v, t = tube(line, (deep * taper)[:, None] * ahead, (tall * taper)[:, None] * up, 16)
    return v, t, np.r_[np.repeat(cortex, 16), 0.8, 0.8] * np.r_[np.repeat(taper, 16), 0.6, 0.6]


def tube(line: np.ndarray, wide: np.ndarray, flat: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """A closed tube of ``m`` corners a ring round a centre line, with two half axes at each station."""
    n = len(line)
    angle = np.arange(m) * 2 * np.pi / m
    c, s = (np.sign(f) * np.abs(f) ** 0.85 for f in (np.cos(angle), np.sin(angle)))
    ring = line[:, None] + wide[:, None] * c[None, :, None] + flat[:, None] * s[None, :, None]
    i, j = np.meshgrid(np.arange(n - 1) * m, np.arange(m), indexing="ij")
    p, r = (i + j).ravel(), (i + (j + 1) % m).ravel()
    k = np.arange(m)
    caps = [
        np.c_[(k + 1) % m, k, np.full(m, n * m)],
        np.c_[(n - 1) * m + k, (n - 1) * m + (k + 1) % m, np.full(m, n * m + 1)],
    ]
    t = np.r_[np.c_[p, r, p + m], np.c_[r, r + m, p + m], *caps]
    v = np.r_[ring.reshape(-1, 3), line[:1], line[-1:]]
    return v, t if volume(v, t) > 0 else t[:, ::-1]


def humerus():
    """A right humerus, upper two thirds, hanging from the origin (centre of its head) down −z.

    Head 47 mm across, set 8 mm medial to the axis; shaft 23 mm tapering to 21; cortex 1.2 mm at the head, 4.2
    in the shaft (dimensions after Hertel 2002 and Tingart 2003).
    """
    h = 1.6
    x, y, z = np.meshgrid(np.arange(-40, 40, h), np.arange(-36, 36, h), np.arange(-300, 34, h), indexing="ij")

    def cone(a, b, ra, rb):
        a, b = np.array(a, float), np.array(b, float)
        d = b - a
        w = np.clip(((x - a[0]) * d[0] + (y - a[1]) * d[1] + (z - a[2]) * d[2]) / (d @ d), 0, 1)
        return (
            ra
            + (rb - ra) * w
            - np.sqrt((x - a[0] - w * d[0]) ** 2 + (y - a[1] - w * d[1]) ** 2 + (z - a[2] - w * d[2]) ** 2)
        )

    f = 22.5 - np.sqrt((x - 2) ** 2 + y**2 + (z - 1) ** 2)  # the head
    f = union(f, cone((-21, 3, -3), (-18, 3, -30), 9.5, 10.5), 5)  # greater tubercle, lateral
    f = union(f, cone((-11, -14, -8), (-12, -10, -32), 7, 7), 5)  # lesser tubercle, in front
    f = union(f, cone((-7, 0, -16), (-13, 0, -60), 18, 12.4), 8)  # surgical neck
    f = union(f, cone((-13, 0, -52), (-18, 2, -360), 11.8, 10.4), 5)  # shaft
    v, t, _, _ = marching_cubes(np.pad(f, 1, constant_values=-4), 0)
    v, t = smooth((v - 1) * h + (-40, -36, -300), t, 4)
    v, t = thin(v, t, 1200)
    return v, t, 1.1 + 3.2 * np.clip((-v[:, 2] - 45) / 60, 0, 1)


def skeleton(label: np.ndarray, tilt: np.ndarray, atlas: Atlas) -> None:
    for name, values, lattice, blur, level, count, cortex in BONES:
        mask = np.isin(label, values)
        if name != "cartilage":
            mask = largest(ni.binary_closing(mask, np.ones((1, 3, 3)), 2))
        v, t = thin(*surface(mask, tilt, lattice, blur, level, 5), count)
        atlas.put(name, v, t, cortex or None)
        if name == "vertebra_43":
            neck(v, t, cortex, atlas)
    for value in range(92, 116):
        q = upright(np.argwhere(label == value).astype(float), tilt)
        v, t = thin(*rib(q), 680)
        atlas.put(f"rib_{(value - 92) % 12 + 1:02}_{'l' if value < 104 else 'r'}", v, t, 0.85)
    v, t, cortex = clavicle()
    atlas.put("clavicle_r", v, t, cortex)
    atlas.put("clavicle_l", v * (-1, 1, 1), t[:, ::-1], cortex)
    v, t, cortex = humerus()
    atlas.put("humerus_r", v, t, cortex)
    atlas.put("humerus_l", v * (-1, 1, 1), t[:, ::-1], cortex)


def main() -> None:
    hu, label = donor.load("cxr.nii.gz").astype(np.int16), donor.load("mask.nii.gz").astype(np.uint8)
    tilt = donor.tilt(label)
    atlas = Atlas()
    skeleton(label, tilt, atlas)
    lungs_and_air(hu, label, tilt, atlas)
    bones = np.isin(label, [*range(29, 47), *range(69, 75), *range(92, 117)])
    flesh(hu, tilt, bones, atlas)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(OUT, **atlas.parts)
    print(OUT.stat().st_size / 1e6, "MB")


if __name__ == "__main__":
    main()
