"""Where shoulder blades, collar bones and arms are when somebody stands or lies for a chest film.

The donor lay with the arms overhead. For a PA film the shoulders are rolled forward, so that the blades
leave the lungs; lying, they do not. The joints stay joined: the acromion carries the collar bone's end, the
glenoid the head of the humerus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians, sin, sqrt

import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Vec3
from fhir2dicom.seed import Seed

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

GLENOID = np.array((-108.0, 208.0, 302.0))
"""The donor's right socket, atlas mm; the left one mirrors it."""
HEAD = np.array((-131.0, 199.0, 306.0))
"""Centre of the donor's right humeral head."""
ACROMION = np.array((-124.0, 226.0, 325.0))
"""Where the right collar bone ends."""
STERNAL_END = np.array((-22.0, 129.0, 293.0))
DROP_MM = 11.0
"""How much lower than the donor's, whose arms were overhead, the sternal end is with the arms down."""
LATERAL_END = np.array((-100.0, 231.0, 328.0))


@dataclass(frozen=True, slots=True)
class Pose:
    """How the right shoulder differs from the donor's; the left one mirrors it."""

    shift_mm: Vec3
    """Of the blade."""
    tilt_deg: float
    """Lower angle of the blade towards the spine, about the front-to-back axis."""
    turn_deg: float
    """Blade about the vertical, socket to the front."""
    arm: Vec3
    """Direction of the humerus from its head."""


POSES: Mapping[str, Pose] = {
    "arms-down": Pose((-26.0, -28.0, -26.0), 14.0, 5.0, (-0.20, -0.10, -1.0)),
    "supine": Pose((-34.0, 4.0, -22.0), 24.0, -8.0, (-0.16, 0.0, -1.0)),
    "arms-up": Pose((0.0, 0.0, 0.0), 0.0, 0.0, (-0.17, -0.37, 1.0)),
}


def posed(bones: Mapping[str, tuple[F32, F32]], seed: Seed, pose: str) -> dict[str, tuple[F32, F32]]:
    """Return the girdle's bones (outer, inner vertices by name, atlas mm) where the pose has them."""
    p = POSES[pose]
    draw = seed.child("pose", pose)
    out: dict[str, tuple[F32, F32]] = {}
    for side, sign in (("r", 1.0), ("l", -1.0)):
        flip = np.array((sign, 1.0, 1.0))
        tilt = p.tilt_deg + draw.child(side).normal(0, 2.0)
        drop = draw.child(side, "drop").normal(0, 2.5)
        turn = _after(_about_y(tilt), _about_z(p.turn_deg)) if pose != "arms-up" else np.eye(3)
        shift = np.array(p.shift_mm) + ((0, 0, drop) if pose != "arms-up" else (0, 0, 0))

        def blade(v: F64, turn: F64 = turn, shift: F64 = shift) -> F64:
            return np.asarray(_turned(v - GLENOID, turn) + GLENOID + shift)

        root = STERNAL_END - ((0.0, 0.0, 0.0) if pose == "arms-up" else (0.0, 0.0, DROP_MM))
        collar = _aim(LATERAL_END - STERNAL_END, blade(ACROMION[None])[0] - root)
        arm = _aim(np.array((0.0, 0.0, -1.0)), np.array(p.arm))
        arm /= _length(arm[:, 2])
        head = blade(HEAD[None])[0]
        bow = 2.0 + seed.child("clavicle", side).normal(0, 2.2)
        roll = 5.0 + seed.child("clavicle", "roll").normal(0, 1.5)
        for v, name in ((v, n) for n, v in bones.items() if n.endswith(side)):
            faces = []
            for w in v:
                q = w.astype(np.float64) * flip
                if name.startswith("scapula"):
                    q = blade(q)
                elif name.startswith("clavicle"):
                    q = _bent(q, bow, roll)
                    q = _turned(q - STERNAL_END, collar) + root if pose != "arms-up" else q
                else:
                    q = _turned(q, arm) + head
                faces.append((q * flip).astype(np.float32))
            out[name] = (faces[0], faces[1])
    return out


def _bent(q: F64, up_mm: float, roll_mm: float) -> F64:
    """Return a right clavicle bowed upwards; rolled about its length, its inner part rises and its outer part sinks."""
    along = LATERAL_END - STERNAL_END
    t = ((q - STERNAL_END) * along).sum(1) / float((along * along).sum())
    out = q.copy()
    out[:, 2] += (4 * up_mm + 20.8 * roll_mm * (0.5 - t)) * np.clip(t * (1 - t), 0, 1)
    return out


def _turned(v: F64, m: F64) -> F64:
    """Return m · v for each point, written out: BLAS may round differently elsewhere."""
    out: F64 = v[:, :1] * m[:, 0] + v[:, 1:2] * m[:, 1] + v[:, 2:] * m[:, 2]
    return out


def _length(v: F64) -> float:
    return sqrt(float(v[0]) ** 2 + float(v[1]) ** 2 + float(v[2]) ** 2)


def _about_y(degrees: float) -> F64:
    """Turn about the front-to-back axis: −z towards +x."""
    c, s = round(cos(radians(degrees)), 12), round(sin(radians(degrees)), 12)
    return np.array(((c, 0, -s), (0, 1, 0), (s, 0, c)))


def _after(first: F64, second: F64) -> F64:
    """Return two turns as one, (3, 3); summed in a fixed order, as a matrix product of the library is not."""
    total: F64 = (second[:, :, None] * first[None, :, :]).sum(axis=1)
    return total


def _about_z(degrees: float) -> F64:
    c, s = round(cos(radians(degrees)), 12), round(sin(radians(degrees)), 12)
    return np.array(((c, -s, 0), (s, c, 0), (0, 0, 1)))


def _aim(a: F64, b: F64) -> F64:
    """Return the smallest rotation that takes direction ``a`` to ``b``, times the ratio of their lengths."""
    la, lb = _length(a), _length(b)
    u, v = a / la, b / lb
    w = np.array((u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]))
    c = float(u[0] * v[0] + u[1] * v[1] + u[2] * v[2])
    k = np.array(((0, -w[2], w[1]), (w[2], 0, -w[0]), (-w[1], w[0], 0)))
    square = np.array([[sum(k[i, n] * k[n, j] for n in range(3)) for j in range(3)] for i in range(3)])
    out: F64 = (np.eye(3) + k + square / (1 + c)) * (lb / la)
    return out
