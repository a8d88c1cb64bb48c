"""What decay and dentists do to a tooth, as solids: the tooth's own contours cut by boxes, and lumps of lost mineral.

A filling is the tooth between walls, from a floor upwards, in another material; a crown is the tooth's outside above a
margin; a filled root is the canal, narrower. Each is thus exact for any direction of the beam, and ends where the tooth ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import cos, sin

import numpy as np
import numpy.typing as npt

from fhir2dicom.model.mouth import CORE, OUTER, PULP, Tooth, Work
from fhir2dicom.physics.io_cut import cut, lump, spur
from fhir2dicom.physics.io_tooth import DENTINE, ENAMEL, SOFT, Array, Raster
from fhir2dicom.seed import Seed

AMALGAM, STEEL, GOLD, PORCELAIN, ZIRCONIA, GUTTA, BASE, TITANIUM = 6.0, 3.2, 6.0, 0.27, 3.0, 1.1, 0.24, 1.15
"""Attenuation in 1/mm; composites are drawn, .2 to .42."""
_FAR = 99.0


class Bench:
    """A tooth's raster while works are done on it."""

    def __init__(self, raster: Raster, tooth: Tooth, yaw: float, planes: tuple[int, int]) -> None:
        self.raster, self.tooth, self.solid, self.yaw = raster, tooth, tooth.solid, yaw
        self.first_plane, self.last_plane = planes
        self.z = self.solid.heights[planes[0] : planes[1]]
        self.half = self.solid.width_mm / 2
        self.depth = self.solid.depth_mm / 2
        self.crown = self.solid.crown_mm
        self.view = np.array(
            (round(cos(yaw), 7), round(sin(yaw), 7), tooth.scale[0] / raster.column_mm), np.float32
        )

    def fill(
        self,
        layer: int,
        weight: float | Array,
        low: float | Array = -_FAR,
        high: float | Array = _FAR,
        deep: float | Array = _FAR,
        grow: float = 1.0,
        where: npt.NDArray[np.bool_] | None = None,
        shift: Array | None = None,
    ) -> None:
        """Add ``weight`` × the path through a layer, between x = low and high and |y| < deep, in the planes ``where``."""
        n = len(self.z)
        weights = np.broadcast_to(np.float32(weight), n) * (1.0 if where is None else where)
        rows = np.stack([np.broadcast_to(np.float32(v), n) for v in (weights, low, high, deep)]).astype(
            np.float32
        )
        moved = np.zeros(n, np.float32) if shift is None else shift
        c0, c1 = np.searchsorted(self.solid.plane, (self.first_plane, self.last_plane))
        cut(
            self.raster.planes[0], self.solid.points, self.solid.first[c0 : c1 + 1],
            self.solid.plane[c0:c1] - self.first_plane, self.solid.layer[c0:c1], layer, rows, np.float32(grow), moved, self.view,
        )  # fmt: skip

    def swap(
        self,
        material: float,
        low: Array | float,
        high: Array | float,
        deep: Array | float,
        where: npt.NDArray[np.bool_],
    ) -> None:
        """Exchange enamel and dentine between walls for a material; metal is not less for what was there."""
        self.fill(OUTER, material - ENAMEL, low, high, deep, where=where)
        self.fill(CORE, ENAMEL - DENTINE, low, high, deep, where=where)

    def lump(self, x: float, z: float, rx: float, rz: float, share: float) -> None:
        """Take a share of the mineral away about a point of the picture (mm from the neck's middle, scaled)."""
        lump(
            self.raster.planes[0],
            self.raster.heights,
            np.array((x, z, rx, rz, share, self.raster.left_mm, self.raster.column_mm), np.float32),
        )

    def spur(self, x: float, z: float, rx: float, rz: float, attenuation: float) -> None:
        """Add attenuation about a point."""
        spur(
            self.raster.planes[0],
            self.raster.heights,
            np.array((x, z, rx, rz, attenuation, self.raster.left_mm, self.raster.column_mm), np.float32),
        )

    def flank(self, side: int, z: float) -> float | None:
        """Return where the tooth ends on a side at a height over the neck (scaled), mm; None outside the raster."""
        k = int(np.searchsorted(self.raster.heights, z))
        if not 0 < k < len(self.raster.heights):
            return None
        solid = np.flatnonzero(self.raster.planes[0, k] > 0.12)
        if not len(solid):
            return None
        return float(self.raster.left_mm + self.raster.column_mm * (solid[-1] if side > 0 else solid[0]))

    def wobble(self, seed: Seed, sd: float) -> Array:
        """Return a smooth unevenness by plane, mm."""
        knots = np.array([seed.child("wall", k).normal(0.0, sd) for k in range(6)])
        return np.asarray(np.interp(self.z, np.linspace(0.0, self.crown, 6), knots), np.float32)


def _cavity(bench: Bench, work: Work, material: float) -> None:
    seed, z, hc, a = Seed("cavity", (str(work.key),)), bench.z, bench.crown, bench.half
    if bench.tooth.number < 4:
        side = work.side or 1
        box = (z > 0.34 * hc) & (z < 0.80 * hc)
        wall = side * (a * 0.45 + bench.wobble(seed, 0.2) + 0.55 * a * ((z / hc - 0.57) / 0.23) ** 2)
        low, high = (wall, _FAR) if side > 0 else (-_FAR, wall)
        bench.swap(material, low, high, bench.depth * 0.7, box)
        return
    floor = hc - (2.5 if not bench.tooth.primary else 1.9) * work.size + seed.child("floor").normal(0.0, 0.2)
    q = np.clip(1 - (z - floor) / 0.9, 0, 1)
    narrow = (0.9 * q * q).astype(np.float32)
    flare = 0.10 * np.clip(z - floor, 0, 3)
    left = -a * seed.child("left").uniform(0.36, 0.55) + narrow - flare + bench.wobble(seed.child("a"), 0.2)
    right = a * seed.child("right").uniform(0.36, 0.55) - narrow + flare + bench.wobble(seed.child("b"), 0.2)
    deep = bench.depth * 0.36 + flare
    if work.side:
        lean = seed.child("lean").uniform(0.05, 0.22)
        axial = work.side * (
            a * seed.child("depth").uniform(0.42, 0.58)
            + bench.wobble(seed.child("axial"), 0.2)
            - lean * (z - 2.5)
        )
        if work.side > 0:
            right = axial
        else:
            left = axial
        gum = max(0.5, 0.22 * hc + seed.child("gum").normal(0.0, 0.25))
        p = np.clip(1 - (z - gum) / 1.1, 0, 1)
        wall = axial + work.side * 1.2 * p * p
        low, high = (wall, _FAR) if work.side > 0 else (-_FAR, wall)
        bench.swap(material, low, high, bench.depth * 0.56, z > gum)
    bench.swap(material, left, right, deep, z > floor)


def _amalgam(bench: Bench, work: Work) -> None:
    _cavity(bench, work, AMALGAM)


def _composite(bench: Bench, work: Work) -> None:
    _cavity(bench, work, Seed("composite", (str(work.key),)).uniform(0.22, 0.44))


def _hole(bench: Bench, work: Work) -> None:
    _cavity(bench, work, SOFT * 0.3)


def _margin(bench: Bench, work: Work) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return how wide the crown reaches in each plane, and where it is at all: its edge rises between the teeth."""
    seed = Seed("crown", (str(work.key),))
    low, rise = seed.child("margin").uniform(-0.2, 0.45), seed.child("rise").uniform(0.45, 0.9)
    share = np.sqrt(np.clip((bench.z - low) / rise, 0, 1)).astype(np.float32)
    return np.where(share >= 1, np.float32(_FAR), share * np.float32(bench.half)), bench.z > low


def _crown(material: str) -> Callable[[Bench, Work], None]:
    def put(bench: Bench, work: Work) -> None:
        wide, where = _margin(bench, work)
        if material == "steel":
            bench.fill(OUTER, STEEL, -wide, wide, grow=1.04, where=where)
            bench.fill(OUTER, -STEEL, -wide, wide, grow=0.965, where=where)
            return
        bench.fill(OUTER, {"ceramic": PORCELAIN, "metal-ceramic": PORCELAIN, "metal": GOLD, "zirconia": ZIRCONIA}[material] - ENAMEL,
                   -wide, wide, grow=1.03, where=where)  # fmt: skip
        if material in ("metal-ceramic", "ceramic"):
            inner = {"metal-ceramic": 4.5, "ceramic": 0.33}[material]
            bench.fill(CORE, inner, -wide, wide, grow=1.06, where=where)
            bench.fill(CORE, -inner, -wide, wide, grow=0.98 if material == "ceramic" else 0.80, where=where)
        else:
            bench.fill(CORE, ENAMEL - DENTINE, -wide, wide, where=where)

    return put


def _root_filling(bench: Bench, work: Work) -> None:
    seed = Seed("root", (str(work.key),))
    stop = -bench.solid.root_mm + 0.7 + abs(seed.child("short").normal(0.0, 0.5))
    z = bench.z
    bench.fill(PULP, GUTTA - SOFT, grow=0.86, where=(z > stop) & (z < -0.2), shift=_bend(bench))
    roof = 0.17 * bench.crown
    bench.fill(PULP, BASE - SOFT + 0.25, grow=0.95, where=(z >= -0.2) & (z < roof))
    bench.fill(PULP, BASE - SOFT, where=(z >= roof))


def _post(bench: Bench, work: Work) -> None:
    z, down = bench.z, -bench.solid.root_mm * Seed("post", (str(work.key),)).uniform(0.4, 0.62)
    bench.fill(PULP, 3.5, grow=0.9, where=(z > down) & (z < 0.3 * bench.crown), shift=_bend(bench))


def _bend(bench: Bench) -> Array:
    down = np.clip(-bench.z / bench.solid.root_mm, 0, 1.2)
    return np.asarray(-bench.tooth.bend_mm * down * down, np.float32)


def _caries(bench: Bench, work: Work) -> None:
    """Decay under a contact: through enamel as a cone, along the dentine's edge, then as a bowl towards the pulp."""
    seed, k = Seed("caries", (str(work.key), str(work.side))), work.size
    s1 = bench.tooth.scale[1]
    if not work.side:
        x, z = seed.child("x").normal(0.0, 0.8), (bench.crown - 2.7) * s1
        for n in range(5):
            own = seed.child("bowl", n)
            at = (x + own.normal(0.0, 0.7) * k, z - 0.25 * n * k + own.child("z").normal(0.0, 0.2))
            wide, tall = own.child("w").uniform(0.8, 1.4) * k, own.child("h").uniform(0.4, 0.75) * k
            bench.lump(*at, wide, tall, 0.16)
        return
    share = 0.48 if bench.tooth.number > 3 else 0.52
    z = (share * bench.crown + seed.child("height").normal(-0.1, 0.3)) * s1
    at_mm = bench.flank(work.side, z)
    if at_mm is None:
        return
    small = min(1.0, bench.half / 3.6)
    for n, (inwards, rz, rx, gone) in enumerate(_notch(k)):
        own = seed.child("step", n)
        bench.lump(
            at_mm - work.side * inwards * (0.6 + 0.4 * k) * small,
            z + own.normal(0.0, 0.14) - 0.12 * inwards,
            rx * (0.7 + 0.5 * k) * own.child("w").uniform(0.8, 1.3) * small,
            rz * (0.55 + 0.55 * k) * own.child("h").uniform(0.75, 1.3),
            gone * own.child("p").uniform(0.75, 1.2),
        )


def _notch(k: float) -> list[tuple[float, float, float, float]]:
    """Return lumps of decay of size ``k``, from the surface inwards: depth, half height, half width, mm, share of the mineral.

    A notch whose tip points inwards in enamel, a broad base along the dentine's edge, a blunter tip towards the pulp.
    """
    steps = [
        (0.0, 1.15, 0.34, 0.24),
        (0.28, 0.85, 0.34, 0.22),
        (0.56, 0.55, 0.32, 0.18),
        (0.84, 0.34, 0.30, 0.12),
    ]
    if k > 0.6:
        steps += [(1.1, 1.25, 0.26, 0.13), (1.32, 1.05, 0.34, 0.12)]
    if k > 0.8:
        steps += [(1.62, 0.85, 0.42, 0.12), (1.95, 0.6, 0.44, 0.11)]
    if k > 1.1:
        steps += [
            (0.2, 1.3, 0.7, 0.24),
            (1.5, 1.35, 0.8, 0.15),
            (2.3, 0.85, 0.62, 0.13),
            (2.75, 0.55, 0.5, 0.1),
        ]
    return steps


def _recurrent(bench: Bench, work: Work) -> None:
    """Decay at the edge of a filling near the gum."""
    seed, side = Seed("recurrent", (str(work.key),)), work.side or 1
    z = max(0.2, 0.22 * bench.crown - 0.5) * bench.tooth.scale[1]
    at = bench.flank(side, z)
    for n in range(4 if at is not None else 0):
        own = seed.child(n)
        wide, tall = (
            own.child("w").uniform(0.5, 0.8) * work.size,
            own.child("h").uniform(0.4, 0.7) * work.size,
        )
        bench.lump(
            (at or 0.0) - side * (0.2 + 0.4 * n), z + 0.1 * n + own.normal(0.0, 0.15), wide, tall, 0.28
        )


def _implant(bench: Bench, work: Work) -> None:
    """Put a titanium screw and a crown on a post in the place of the tooth."""
    seed, seen = Seed("implant", (str(work.key),)), bench.raster
    long, wide = seed.child("long").uniform(9.0, 12.5), seed.child("wide").uniform(1.75, 2.15)
    seen.planes[:] = 0
    z = seen.heights
    u = seen.left_mm + seen.column_mm * np.arange(seen.planes.shape[2], dtype=np.float32)
    turn = (-z / 0.8) - np.floor(-z / 0.8)
    thread = np.where((z < -1.0) & (z > -long + 0.6), 0.28 * np.abs(turn - 0.5), 0.0)
    radius = wide - 0.02 * np.clip(-z, 0, 20) + thread - 0.45 * np.clip(1 - (z + long) / 1.2, 0, 1)
    radius = np.where(z > 0.2, 1.55, radius) * ((z > -long) & (z < 2.2))
    screw = 2 * np.sqrt(np.clip(radius[:, None] ** 2 - (u * u)[None], 0, None))
    seen.planes[0] = TITANIUM * screw
    seen.planes[1] = screw * (z < -0.9)[:, None]
    bench.fill(OUTER, PORCELAIN, where=bench.z > 1.0)
    bench.fill(CORE, 2.5, grow=0.9, where=bench.z > 1.0)


def _calculus(bench: Bench, work: Work) -> None:
    z = 0.7
    at = bench.flank(work.side, z)
    if at is not None:
        bench.spur(at - work.side * 0.08, z, 0.45 * work.size, 0.6 * work.size, 0.5)


DONE: Mapping[str, Callable[[Bench, Work], None]] = {
    "implant": _implant,
    "caries": _caries,
    "recurrent": _recurrent,
    "amalgam": _amalgam,
    "composite": _composite,
    "cavity": _hole,
    "root-filling": _root_filling,
    "post": _post,
    "crown-metal": _crown("metal"),
    "crown-metal-ceramic": _crown("metal-ceramic"),
    "crown-ceramic": _crown("ceramic"),
    "crown-zirconia": _crown("zirconia"),
    "crown-steel": _crown("steel"),
    "calculus": _calculus,
}
"""By kind of work, in the order in which they are done; ``apical`` is the bone's."""


def do(raster: Raster, tooth: Tooth, yaw: float, planes: tuple[int, int]) -> None:
    """Do all works of a tooth on its raster."""
    bench = Bench(raster, tooth, yaw, planes)
    order = list(DONE)
    for work in sorted((w for w in tooth.works if w.kind in DONE), key=lambda w: order.index(w.kind)):
        DONE[work.kind](bench, work)
