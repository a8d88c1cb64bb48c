"""The bones of a right foot: metatarsals and toes from pose2sim's OpenSim meshes, hindfoot drawn by us. Offline.

The package's tarsals are a few dozen flat faces and its talus is a quarter too small, so talus and calcaneus are solids
of our own (dimensions: see `talus` and `calcaneus`), and the other tarsals are the package's blocks, swollen until they
meet and then parted along the surface half way between: every joint gets one even gap, as cartilage makes it.
Frame: mm, x to the left (so lateral is -x), -y forward, z up; the top of the talar dome is the origin.
"""

from __future__ import annotations

from pathlib import Path

import bones
import numpy as np
import trimesh
from bones import Field, cone, union

GEOMETRY = Path("Pose2Sim/OpenSim_Setup/Geometry")
TOES_AT = np.array(
    [178.8, -2.0, 1.08]
)  # of the toes in the calcaneus' frame, as in the OpenSim model gait2392
SCALE = 0.88
# piece of foot.stl or bofoot.stl, by size of its box: see `_named`
YIELDS = {("talus", "calcaneus")}
"""The first is cut to fit the second, not both half way."""
TARSALS = ("navicular", "cuboid", "cuneiform1", "cuneiform2", "cuneiform3")


def _read(path: Path, shift: np.ndarray) -> list[bones.Mesh]:
    m = trimesh.load(path, process=True)
    v, t = bones.welded(np.array(m.vertices) * 1000 + shift, np.array(m.faces))
    v = np.stack([-v[:, 2], -v[:, 0], v[:, 1]], 1)
    return [bones.outward(*p) for p in bones.pieces(v, t)]


def _named(package: Path) -> dict[str, bones.Mesh]:
    foot = _read(package / GEOMETRY / "foot.stl", np.zeros(3))
    toes = _read(package / GEOMETRY / "bofoot.stl", TOES_AT)
    by_x = lambda ms: sorted(ms, key=lambda m: -m[0][:, 0].mean())  # noqa: E731 - medial first
    rays = by_x([m for m in foot if len(m[1]) == 220])
    named = {f"mt{k + 1}": m for k, m in enumerate(rays)}
    for m in foot:
        named |= (
            {
                {122: "navicular", 116: "cuneiform1", 118: "cuboid", 88: "cuneiform3", 80: "cuneiform2"}[
                    len(m[1])
                ]: m
            }
            if len(m[1]) in (122, 116, 118, 88, 80)
            else {}
        )
    great = sorted((m for m in toes if m[0][:, 0].mean() > 5), key=lambda m: -m[0][:, 1].mean())
    named |= {"pp1": great[0], "dp1": great[1]}
    rest = [m for m in toes if m[0][:, 0].mean() <= 5]
    proximal = by_x([m for m in rest if np.ptp(m[0][:, 1]) > 25])
    middle = by_x([m for m in rest if 9.5 < np.ptp(m[0][:, 1]) <= 25 and len(m[1]) == 140])
    distal = by_x([m for m in rest if len(m[1]) == 116])
    for k in range(4):
        named |= {f"pp{k + 2}": proximal[k], f"mp{k + 2}": middle[k], f"dp{k + 2}": distal[k]}
    return named


def _arched(v: np.ndarray) -> np.ndarray:
    """Scale the package's foot and lift its arch, which lies too low: the more the farther back and the more medial."""
    f, x = (-v[:, 1] - 70.0) * SCALE + 40.5, v[:, 0] * SCALE + 2.0
    u = (v[:, 2] + 10.0) * SCALE - 78.0
    back = np.clip((146.0 - f) / 100.0, 0, 1.15)
    medial = np.clip((x + 22.0) / 40.0, 0, 1)
    return np.stack([x, -f, u + back * (5.0 + 13.0 * medial)], 1)


def _smooth_max(a: np.ndarray, b: np.ndarray, mm: float) -> np.ndarray:
    h = np.clip(0.5 - 0.5 * (b - a) / mm, 0, 1)
    return b + (a - b) * h + mm * h * (1 - h)


def talus(p: np.ndarray) -> np.ndarray:
    """A talus: trochlea of radius 22 mm, 30 mm wide in front and 25 behind; 53 mm long (after Daud 2013, Mahato 2011,
    as we remember them; drawn by us)."""
    q = p.copy()
    c, s = np.cos(np.radians(8)), np.sin(np.radians(8))
    q[..., 0], q[..., 1] = c * p[..., 0] - s * p[..., 1], s * p[..., 0] + c * p[..., 1]
    x, y, z = q[..., 0], q[..., 1], q[..., 2]
    wheel = np.sqrt(y**2 + (z + 22.5) ** 2) - 22.5 + 0.9 * np.exp(-((x / 5.0) ** 2))
    half = 17.0 - 0.075 * y + 0.18 * np.clip(-z - 4, 0, 14)
    body = _smooth_max(wheel, np.abs(x) - half, 4.0)
    back = _smooth_max(_smooth_max(body, -z - 35.0, 3.0), y - 19.0, 6.0)
    neck = cone((2, -14, -19), (7.5, -27, -22), 10.5, 9.5)(p)
    head = (
        np.sqrt(((p[..., 0] - 8.5) / 1.12) ** 2 + (p[..., 1] + 29.5) ** 2 + ((p[..., 2] + 23.5) / 0.95) ** 2)
        - 11.0
    )
    process = cone((-13, -1, -15), (-17, -2, -22), 5.5, 4.0)(p)
    tail = cone((1, 17, -19), (2, 24, -22), 6.5, 3.6)(p)
    d = [back, neck, head, process, tail]
    out = d[0]
    for other, mm in zip(d[1:], (4.0, 2.5, 4.0, 4.0), strict=True):
        h = np.clip(0.5 + 0.5 * (other - out) / mm, 0, 1)
        out = other + (out - other) * h - mm * h * (1 - h)
    canal = cone((-16, -18, -35), (10, -6, -34), 7.0, 2.5)(p)  # the roof of the sinus tarsi
    return _smooth_max(out, -canal, 3.0)


def calcaneus(p: np.ndarray) -> np.ndarray:
    """A calcaneus: 78 mm long, tuberosity 44 mm high, inclined by some 22 degrees (drawn by us)."""
    parts = [
        cone((-3, 26, -52), (-4, 8, -48), 14.0, 13.5),  # body
        cone((-4, 8, -48), (-9, -24, -48), 13.5, 12.5),  # towards the cuboid
        cone((-2, 31, -45), (0, 29, -62), 10.5, 12.5),  # tuberosity
        cone((5, 22, -68), (-6, 23, -68), 6.0, 5.0),  # its processes under the heel
        cone((-4, 9, -36), (-6, -4, -39), 9.5, 8.0),  # the posterior facet's hump
        cone((-10, -25, -42), (-11, -33, -43), 8.0, 7.0),  # anterior process
        cone((-11, -33, -47), (-12, -34, -53), 9.0, 8.0),
        cone((3, -5, -41), (13, -9, -38), 8.0, 5.5),  # sustentaculum tali
    ]
    f = parts[0]
    for other in parts[1:]:
        f = union(f, other, 7.0)
    flat = np.maximum(f(p), -(p[..., 2] + 76.0))
    end = -(p[..., 1] + 37.5)  # the cuboid's facet
    return np.maximum(flat, end)


def fields_of(package: Path) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for name, (v, t) in _named(package).items():
        tarsal = name in TARSALS
        m = trimesh.Trimesh(_arched(v), t, process=False)
        if m.is_watertight:
            m = trimesh.Trimesh(*trimesh.remesh.subdivide_loop(m.vertices, m.faces, 2), process=False)
        f = bones.field_of(np.array(m.vertices), np.array(m.faces), 0.7, 7.0, blur_mm=1.0 if tarsal else 0.5)
        f.values -= 2.6 if tarsal else (1.5 if name.startswith("mt") else 1.3)
        if name.startswith("mt"):
            _round_head(f, np.array(m.vertices))
        found[name] = f
    for name, function, low, high in (
        ("talus", talus, (-30, -50, -50), (32, 36, 8)),
        ("calcaneus", calcaneus, (-36, -50, -88), (32, 56, -14)),
    ):
        shape = np.ceil((np.array(high) - low) / 0.7).astype(int) + 1
        f = Field(np.array(low, float), 0.7, np.zeros(shape))
        f.values = function(f.points)
        found[name] = f
    return found


def _round_head(f: Field, v: np.ndarray) -> None:
    """Round a metatarsal's head, which the package draws square: seen from above it ends in half a circle."""
    axis = np.linalg.svd(v - v.mean(0), full_matrices=False)[2][0]
    axis *= -np.sign(axis[1])
    axis = np.array((axis[0], axis[1], 0.0)) / np.hypot(axis[0], axis[1])
    across = np.array((axis[1], -axis[0], 0.0))
    s = v @ axis
    head = v[s > s.max() - 8.0] @ across
    radius = 1.04 * (np.ptp(head) / 2 + 1.5)
    middle = (head.max() + head.min()) / 2
    along, aside = f.points @ axis - (s.max() + 1.5 - radius), f.points @ across - middle
    f.values = np.where(along > 0, _smooth_max(f.values, np.hypot(along, aside) - radius, 1.5), f.values)


def parted(
    found: dict[str, Field], others: dict[str, Field], gaps: dict[frozenset, float]
) -> dict[str, Field]:
    """Each bone where it is nearer than any other by a gap: joints that fit. ``others`` only carve."""
    out = {}
    for name, f in found.items():
        at = f.points
        d = f.values.copy()
        for other, g in {**found, **others}.items():
            if other == name or not _meet(f, g):
                continue
            e = np.where(_within(g, at), g.at(at.reshape(-1, 3)).reshape(d.shape), 9.0)
            gap = gaps.get(frozenset((name, other)), 2.0)
            yields = other in others or (name, other) in YIELDS
            if (other, name) not in YIELDS:
                d = np.maximum(d, gap - e if yields else (f.values - e) / 2 + gap / 2)
        out[name] = Field(f.low, f.pitch, bones.ni.gaussian_filter(d, 0.5))
    return out


def _meet(a: Field, b: Field) -> bool:
    ah, bh = a.low + a.pitch * np.array(a.values.shape), b.low + b.pitch * np.array(b.values.shape)
    return bool(((a.low < bh) & (b.low < ah)).all())


def _within(f: Field, p: np.ndarray) -> np.ndarray:
    high = f.low + f.pitch * (np.array(f.values.shape) - 1)
    return ((p >= f.low) & (p <= high)).all(-1)


def sesamoids(head: np.ndarray) -> dict[str, bones.Mesh]:
    """Two beans under the head of the first metatarsal."""
    out = {}
    for name, dx in (("sesamoid1", 5.5), ("sesamoid2", -5.5)):
        at = head + np.array((dx, 3.0, -11.5))

        def bean(p: np.ndarray, at: np.ndarray = at) -> np.ndarray:
            d = (p - at) / (0.85, 1.15, 0.72)
            return (np.linalg.norm(d, axis=-1) - 5.0) * 0.8

        out[name] = bones.mesh_of(bean, at - 8, at + 8, 0.7, 220)
    return out
