"""One patient, one body: the same bone in films of different parts, and films against labels of the same patient."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import ndimage, sparse
from scipy.sparse import csgraph

from fhir2dicom import plugs
from fhir2dicom.anatomy import bone, scene_disease, torso_scene
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Edit, Person, Protocol, Scene, Shot, Surface
from fhir2dicom.physics import xray
from fhir2dicom.seed import Seed

PEOPLE = {
    "a man": Person(key="one", sex="M", age_years=44, height_m=1.81, weight_kg=80),
    "an old woman": Person(key="two", sex="F", age_years=81, height_m=1.56, weight_kg=70),
}
OF_LEG, OF_ARM = bone.load("leg"), bone.load("arm")


@cache
def scene(who: str, region: str, pose: str, side: str = "R") -> Scene:
    body = plugs.load(Region)[region].build(PEOPLE[who], Seed("patient"), ())
    return body.scene(pose, side)


def parts(vertices: np.ndarray, triangles: np.ndarray) -> list[np.ndarray]:
    """Return the parts of a mesh that do not hang together, corners in their order."""
    t, n = triangles, len(vertices)
    links = sparse.coo_matrix((np.ones(2 * len(t)), (t[:, [0, 1]].ravel(), t[:, [1, 2]].ravel())), (n, n))
    _, part = csgraph.connected_components(links, directed=False)
    order = np.argsort(part, kind="stable")
    every = np.split(vertices[order], np.cumsum(np.bincount(part))[:-1])
    return [every[k] for k in np.unique(part[t[:, 0]])]


def corners(name: str) -> int:
    """Return how many corners a bone's largest part has."""
    b = (OF_ARM if name in OF_ARM else OF_LEG)[name]
    return max(map(len, parts(b.vertices, b.triangles)))


def pieces(found: Scene, count: int) -> list[np.ndarray]:
    """Return the parts of so many corners among a scene's bones, corners in the order of their atlas."""
    hard = [s for s in found.surfaces.values() if s.weight > 0.5]
    return [p for s in hard for p in parts(s.vertices, s.triangles) if len(p) == count]


def steps(piece: np.ndarray) -> np.ndarray:
    """Return what no turn, shift or mirror changes: the distance from each corner to the next, mm."""
    return np.sqrt((np.diff(piece.astype(np.float64), axis=0) ** 2).sum(1))


def is_in(wanted: np.ndarray, found: Scene, within_mm: float = 0.02) -> bool:
    """Return whether a scene has the bone, wherever and however turned."""
    return any(np.abs(steps(p) - steps(wanted)).max() < within_mm for p in pieces(found, len(wanted)))


FILMS = {
    "femur": ("hip", "ap", (("hip", "frog"), ("pelvis", "ap"), ("femur", "ap"), ("knee", "ap"), ("knee", "lateral"),
                            ("abdomen", "supine"))),
    "hip": ("pelvis", "ap", (("hip", "ap"), ("hip", "frog"), ("abdomen", "supine"), ("abdomen", "erect"))),
    "sacrum": ("pelvis", "ap", (("hip", "ap"), ("abdomen", "supine"))),
    "tibia": ("knee", "ap", (("knee", "lateral"), ("lower-leg", "ap"), ("ankle", "ap"))),
    "talus": ("ankle", "ap", (("ankle", "lateral"), ("foot", "dp"))),
    "radius": ("forearm", "ap", (("elbow", "lateral"), ("wrist", "pa"), ("hand", "pa"))),
    "humerus": ("shoulder", "ap", (("humerus", "ap"), ("elbow", "ap"), ("clavicle", "ap"), ("chest", "arms-down"),
                                   ("chest", "supine"), ("chest", "arms-up"), ("ribs", "arms-down"))),
}  # fmt: skip
"""Bone → a film of it, and the others that show it: region and pose."""


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("name", FILMS)
def test_a_bone_is_the_same_object_in_every_film_that_shows_it(name, who):
    region, pose, others = FILMS[name]
    mine = pieces(scene(who, region, pose), corners(name))
    assert mine
    for region_, pose_ in others:
        assert any(is_in(one, scene(who, region_, pose_)) for one in mine), (region_, pose_)


def test_another_patient_has_another_femur():
    mine = pieces(scene("a man", "hip", "ap"), corners("femur"))
    assert not any(is_in(one, scene("an old woman", "knee", "ap"), 1.0) for one in mine)


@pytest.mark.parametrize("side", ["R", "L"])
@pytest.mark.parametrize("name", ["clavicle", "scapula"])
def test_collar_bone_and_blade_of_who_lies_are_where_the_chest_film_has_them(name, side):
    """A chest film at the bedside and a film of the collar bone or the shoulder: one pose, so one place, too."""
    count = len(torso_scene.atlas()[f"{name}_{side.lower()}"].vertices)
    chest = pieces(scene("a man", "chest", "supine"), count)
    film = pieces(scene("a man", name if name == "clavicle" else "shoulder", "ap", side), count)
    assert any(np.abs(a - b).max() < 1e-3 for a in chest for b in film)


def test_the_humerus_of_a_chest_film_hangs_from_the_socket_of_the_blade():
    for pose in ("arms-down", "supine"):
        found = scene("a man", "chest", pose)
        spans = torso_scene.spans(())
        blade = found.surfaces["bone"].vertices[spans["scapula_r"]]
        head = pieces(found, corners("humerus"))
        near = min(apart(blade, h) for h in head)
        assert 0.2 < near < 8.0, (pose, near)


def apart(a: np.ndarray, b: np.ndarray) -> float:
    """Return the least distance of two clouds of corners, mm."""
    return float(min(np.sqrt(((b - p) ** 2).sum(1)).min() for p in a[::3]))


VOXEL_MM = 0.5


def labelled(surface: Surface, low: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Return bone labels (x, z, y) of voxels: how often a line along y has gone in more than out; odd starts avoid ties."""
    step = np.zeros((shape[0], shape[1], shape[2] + 1), np.int8)
    p = (surface.vertices.astype(np.float64)[:, [0, 2, 1]] - low) / VOXEL_MM
    for a, b, c in p[surface.triangles]:
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if area == 0:
            continue
        least, most = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
        i0, k0 = (max(int(np.ceil(v)), 0) for v in least[:2])
        i1, k1 = (min(int(np.floor(v)), n - 1) for v, n in zip(most[:2], shape, strict=False))
        if i0 > i1 or k0 > k1:
            continue
        u, v = np.arange(i0, i1 + 1)[:, None], np.arange(k0, k1 + 1)[None]
        f = ((u - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (v - a[1])) / area
        g = ((b[0] - a[0]) * (v - a[1]) - (u - a[0]) * (b[1] - a[1])) / area
        i, k = np.nonzero((f > 0) & (g > 0) & (f + g < 1))
        depth = a[2] + f[i, k] * (b[2] - a[2]) + g[i, k] * (c[2] - a[2])
        at = np.clip(np.ceil(depth).astype(int), 0, shape[2])
        np.add.at(step, (i + i0, k + k0, at), np.int8(1 if area > 0 else -1))
    return np.abs(np.cumsum(step, axis=2, dtype=np.int8)[:, :, :-1]) > 0


def shone_through(
    labels: np.ndarray, low: np.ndarray, found: Scene, said: dict, every: int, size: tuple[int, int]
):
    """Return mm of bone under every n-th pixel of an AP film, by the distances and the pitch that its header says."""
    sid, far = said["DistanceSourceToDetector"], said["DistanceSourceToPatient"]
    pitch = said["ImagerPixelSpacing"][0]
    source = np.array(found.aim) - (0, far, 0)
    rows, columns = size
    down, across = (np.arange(every // 2, n, every) - (n - 1) / 2 for n in (rows, columns))
    x, z = found.aim[0] + across[None] * pitch, found.aim[2] - down[:, None] * pitch
    way = np.stack(np.broadcast_arrays(x - source[0], z - source[2], float(sid)), -1)
    depths = low[2] + np.arange(0, labels.shape[2], 1.0) * VOXEL_MM
    total = np.zeros(way.shape[:2])
    for y in depths:
        at = source[[0, 2]] + way[..., :2] * ((y - source[1]) / sid)
        i, k = (np.rint((at[..., n] - low[n]) / VOXEL_MM).astype(int) for n in (0, 1))
        ok = (i >= 0) & (k >= 0) & (i < labels.shape[0]) & (k < labels.shape[1])
        j = round((y - low[2]) / VOXEL_MM)
        total[ok] += labels[i[ok], k[ok], j]
    return total * VOXEL_MM * np.sqrt((way**2).sum(-1)) / sid


def test_a_film_of_the_knee_is_the_projection_of_labels_of_the_patients_bones():
    """Voxels of the meshes, seen from where the header says that the source was: bone lies where the film shows it."""
    found = scene("a man", "knee", "ap")
    protocol = Protocol("Knee AP", "DX", "knee", 2000, 2000, view="AP", pose="ap", settings={"kvp": 60.0})
    shot = Shot(protocol, "R", 1, ())
    body = plugs.load(Region)["knee"].build(PEOPLE["a man"], Seed("patient"), ())
    frames = xray.acquire(body, shot, Seed("noise"))
    film = frames.render(0).astype(np.float64)
    aim, (wide, high) = np.array(found.aim)[[0, 2, 1]], found.size_mm
    low = aim - (wide / 2 + 2.37, high / 2 + 2.41, 70.13)
    shape = tuple(int(s / VOXEL_MM) for s in (wide + 4, high + 4, 150))
    labels = labelled(found.surfaces["bone"], low, shape)
    every = 4
    bone_mm = shone_through(labels, low, found, dict(frames.attributes), every, film.shape)
    small = ndimage.uniform_filter(film, every)[every // 2 :: every, every // 2 :: every][: bone_mm.shape[0]]
    inner = (slice(12, -12), slice(12, -12))
    outline, edges = (
        ndimage.gaussian_gradient_magnitude(a, 1.0)[12:-12, 12:-12] for a in ((bone_mm > 1) * 1.0, small)
    )
    fits = {
        (dy, dx): np.corrcoef(outline.ravel(), np.roll(edges, (dy, dx), (0, 1)).ravel())[0, 1]
        for dy in range(-3, 4)
        for dx in range(-3, 4)
    }
    assert max(fits, key=fits.get) == (0, 0)  # the outline of the pixels is that of the labels, nowhere else
    inner = (slice(12, -12), slice(12, -12))
    alone = replace(found, surfaces={"bone": found.surfaces["bone"]})
    place = xray.xray_place.place(
        found, xray.view_of(protocol, "R").axes, protocol, Seed("noise").child("shutter")
    )
    path = xray.mean(xray.project(alone, place.camera), 1) / found.surfaces["bone"].weight
    path = path[every // 2 :: every, every // 2 :: every]
    assert np.corrcoef(path[inner].ravel(), bone_mm[inner].ravel())[0, 1] > 0.998
    assert np.median(np.abs(path - bone_mm)[inner][bone_mm[inner] > 5]) < 0.4


def callus_mm3(healed: float) -> float:
    """Return what a rib that breaks without moving gains, mm³."""
    m = torso_scene.atlas()["rib_06_r"]
    ribs = {"rib_06_r": bone.Bone("rib_06_r", m.vertices, m.inner, m.triangles)}
    edits = [Edit("fracture", "rib_06_r", "R", 0.5, 7, {"along": 0.6, "shift_mm": 0.0, "healed": healed})]
    b = scene_disease.broken(ribs, edits)["rib_06_r"]
    return bone.volume_mm3(b.vertices, b.triangles) - bone.volume_mm3(m.vertices, m.triangles)


def test_callus_grows_round_a_broken_rib_and_shrinks_again():
    fresh, healing, healed = (callus_mm3(h) for h in (0.0, 0.4, 1.0))
    assert abs(fresh) < 40
    assert 300 < healing < 4000
    assert 0.3 * healing < healed < 0.7 * healing
