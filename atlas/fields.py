"""Piecewise Lagrange surfaces of the package musculoskeletal-models (MPL-2.0), turned into triangles.

A ``.mesh`` names elements and how their nodes hang together, a ``.geof`` holds the nodes; a shape model (``.pc``)
holds means and modes of all nodes. File formats and node order as in gias3.fieldwork 3.0.1 (MPL-2.0), not used here.
"""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path

import numpy as np

ORDER = {"quad44": (3, 3), "quad55": (4, 4), "quad54": (4, 3), "tri10": (3, 3), "tri15": (4, 4)}


def lagrange(n: int, x: np.ndarray) -> np.ndarray:
    """The n + 1 Lagrange polynomials of degree n on equal steps of 0 … 1, at x."""
    node = np.arange(n + 1) / n
    rows = [
        np.prod([(x - node[j]) / (node[i] - node[j]) for j in range(n + 1) if j != i], axis=0)
        for i in range(n + 1)
    ]
    return np.array(rows)


def quad(orders: tuple[int, int], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (samples, nodes) of a quadrilateral cut into n × n squares, and its triangles."""
    s = np.arange(n + 1) / n
    a, b = lagrange(orders[0], s), lagrange(orders[1], s)
    w = np.einsum("ip,jq->qpji", a, b).reshape((n + 1) ** 2, -1)
    i, j = np.meshgrid(np.arange(n), np.arange(n))
    k = (i + j * (n + 1)).ravel()
    return w, np.r_[np.c_[k, k + 1, k + n + 2], np.c_[k, k + n + 2, k + n + 1]]


def tri(order: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The same of a triangle; nodes and samples in rows, the first direction fastest."""

    def places(m):
        return np.array([(i / m, j / m) for j in range(m + 1) for i in range(m + 1 - j)])

    def powers(p):
        return np.stack(
            [p[:, 0] ** a * p[:, 1] ** b for b in range(order + 1) for a in range(order + 1 - b)], 1
        )

    w = powers(places(n)) @ np.linalg.inv(powers(places(order)))
    number = {(i, j): k for k, (i, j) in enumerate((i, j) for j in range(n + 1) for i in range(n + 1 - j))}
    t = [(number[i, j], number[i + 1, j], number[i, j + 1]) for i, j in number if i + j < n]
    t += [(number[i + 1, j], number[i + 1, j + 1], number[i, j + 1]) for i, j in number if i + j < n - 1]
    return w, np.array(t)


class Surface:
    """Where samples of one surface lie as a linear function of its nodes: ``weights`` (samples, nodes), triangles."""

    def __init__(self, mesh: Path, nodes: np.ndarray, n: int) -> None:
        told = json.loads(mesh.read_text())
        number, count = {}, 0
        links = {tuple(map(int, k.split("_"))): v for k, v in told["connectivity"].items()}
        for point in sorted(links):
            if point not in number:
                for other in (point, *(tuple(map(int, o.split("_"))) for o in links[point].split())):
                    number[other] = count
                count += 1
        assert count == told["number_of_points"] == len(nodes)
        weights, triangles, at = [], [], 0
        for e in range(len(told["elements"])):
            kind = told["elements"][str(e)].split()[1]
            w, t = quad(ORDER[kind], n) if kind.startswith("quad") else tri(ORDER[kind][0], n)
            row = np.zeros((len(w), count))
            for p in range(w.shape[1]):
                row[:, number[e, p]] += w[:, p]
            weights.append(row)
            triangles.append(t + at)
            at += len(w)
        self.weights, self.triangles = self._welded(np.concatenate(weights), np.concatenate(triangles), nodes)

    @staticmethod
    def _welded(w: np.ndarray, t: np.ndarray, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        _, first, index = np.unique(np.round(w @ nodes * 500), axis=0, return_index=True, return_inverse=True)
        t = index.reshape(-1)[t]
        return w[first], t[(t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 2] != t[:, 0])]


def nodes(path: Path) -> np.ndarray:
    told = json.loads(path.read_text())["field_parameters"]
    return np.array(
        [
            [
                float(told[k][f"dim {d}"]) if isinstance(told[k][f"dim {d}"], str) else told[k][f"dim {d}"][0]
                for d in range(3)
            ]
            for k in sorted(told)
        ]
    )


class _Arrays(pickle.Unpickler):
    """Reads arrays and nothing else."""

    def find_class(self, module: str, name: str):
        allowed = {
            "_reconstruct": np._core.multiarray._reconstruct,  # noqa: SLF001
            "ndarray": np.ndarray,
            "dtype": np.dtype,
            "scalar": np._core.multiarray.scalar,  # noqa: SLF001
        }
        if module.startswith("numpy") and name in allowed:
            return allowed[name]
        raise pickle.UnpicklingError(f"{module}.{name}")


def shape_model(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean (3 n,), modes (3 n, k) and their variances (k,)."""
    told = _Arrays(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    return told["mean"], told["modes"], told["weights"]
