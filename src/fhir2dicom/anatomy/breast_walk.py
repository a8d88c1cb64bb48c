"""Wandering strands: vessels, ducts and ligaments as polylines, by integer noise."""

from __future__ import annotations

import math

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.noise import unit

Line = npt.NDArray[np.float32]


@nb.njit(cache=True)
def walk(
    key: int, start: npt.NDArray[np.float64], end: npt.NDArray[np.float64], count: int, wander: float,
    radii: npt.NDArray[np.float64],
) -> Line:  # fmt: skip
    """Return a strand from ``start`` towards ``end`` as (count, 4): x, y, z, radius, mm.

    ``wander`` is how far it strays, in lengths; its thickness goes from ``radii[0]`` to ``radii[1]``.
    """
    out = np.empty((count, 4), np.float32)
    step = (end - start) / (count - 1)
    length = np.sqrt((step * step).sum()) * (count - 1)
    off, speed = np.zeros(3), np.zeros(3)
    for k in range(count):
        s = k / (count - 1)
        for a in range(3):
            out[k, a] = start[a] + step[a] * k + off[a]
            speed[a] = 0.86 * speed[a] + (unit(key, 3 * k + a) - 0.5) * wander * length / count * 1.6
            off[a] += speed[a] * min(1.0, 4 * s)
        out[k, 3] = radii[0] + (radii[1] - radii[0]) * s
    return out


def branches(
    key: int, trunk: Line, depth: int, *, wander: float, turn: float, reach: float = 0.4
) -> list[Line]:
    """Return a tree of strands that begins with ``trunk``, thinner at each fork.

    ``turn`` is how far side branches turn away, as a tangent; ``reach`` how long they are, in lengths of their parent.
    """
    out, todo = [trunk], [(0, depth)]
    while todo:
        at, left = todo.pop(0)
        if left == 0:
            continue
        parent = out[at].astype(np.float64)
        last = len(parent) - 1
        whole = parent[last, :3] - parent[0, :3]
        for fork in range(2 + int(unit(key, 7000 + at) < 0.5)):
            draw = [float(unit(key, 9000 + 97 * at + 13 * fork + k)) for k in range(6)]
            i = int(last * (0.15 + 0.72 * draw[0]))
            way = parent[min(last, i + 4), :3] - parent[i, :3]
            way /= math.sqrt(float((way * way).sum())) + 1e-6
            length = math.sqrt(float((whole * whole).sum())) * reach * (0.6 + 0.8 * draw[1])
            aside = np.array([(draw[2] - 0.5) * 0.8, draw[3] - 0.5, draw[4] - 0.5]) * (2 * turn)
            r = float(parent[i, 3]) * (0.5 + 0.25 * draw[5])
            end = parent[i, :3] + (way + aside) * length
            out.append(
                walk(key + 31 * len(out), parent[i, :3], end, last + 1, wander, np.array([r, r * 0.6]))
            )
            todo.append((len(out) - 1, left - 1))
    return out
