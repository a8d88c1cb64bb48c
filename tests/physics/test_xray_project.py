"""Path lengths are exact, whole and leak nowhere."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fhir2dicom.model import Scene, Surface, Tubes
from fhir2dicom.physics.xray_project import (
    UNIT_PER_MM,
    Camera,
    add_surface,
    add_tubes,
    integrate,
    new_path,
    project,
)
from fhir2dicom.physics.xray_view import TURNS, View
from fhir2dicom.seed import Seed

PIXEL_MM = 0.5


def camera(view: str = "PA", sid_mm: float = 1e7) -> Camera:
    return Camera(View(view).axes, 256, 256, PIXEL_MM, sid_mm, (0.0, 0.0, 0.0))


def sphere(radius: float, rings: int = 60, around: int = 120) -> tuple[np.ndarray, np.ndarray]:
    v = [(0.0, 0.0, radius)]
    for i in range(1, rings):
        a = math.pi * i / rings
        for k in range(around):
            b = 2 * math.pi * k / around
            v.append(
                (radius * math.sin(a) * math.cos(b), radius * math.sin(a) * math.sin(b), radius * math.cos(a))
            )
    v.append((0.0, 0.0, -radius))
    t = []
    for k in range(around):
        n = (k + 1) % around
        t.append((0, 1 + k, 1 + n))
        for i in range(rings - 2):
            p, q = 1 + i * around + k, 1 + i * around + n
            t += [(p, p + around, q), (q, p + around, q + around)]
        t.append((len(v) - 1, len(v) - 1 - around + n, len(v) - 1 - around + k))
    return np.array(v, np.float32), np.array(t, np.int32)


def turned(v: np.ndarray, seed: Seed) -> np.ndarray:
    a, b, c = (seed.child(n).uniform(0, 2 * math.pi) for n in "abc")
    m = np.eye(3)
    for angle, (i, j) in ((a, (0, 1)), (b, (1, 2)), (c, (0, 2))):
        r = np.eye(3)
        r[i, i] = r[j, j] = math.cos(angle)
        r[i, j], r[j, i] = -math.sin(angle), math.sin(angle)
        m = r @ m
    return (v @ m.T).astype(np.float32)


def volume(v: np.ndarray, t: np.ndarray) -> float:
    return float((v[t[:, 0]] * np.cross(v[t[:, 1]], v[t[:, 2]])).sum() / 6)


def spiked(seed: Seed) -> tuple[np.ndarray, np.ndarray]:
    """A closed mesh full of slivers and triangles seen edge-on."""
    v, t = sphere(30, 14, 23)
    r = np.array([seed.child("r", k).uniform(0.3, 1.0) for k in range(len(v))])
    return turned((v * r[:, None]).astype(np.float32), seed), t


def path_of(v: np.ndarray, t: np.ndarray, cam: Camera, weight: float = 1.0) -> np.ndarray:
    path = new_path(cam)
    add_surface(path, cam, v, t, weight)
    integrate(path, 4)
    return path[:, :-2] / UNIT_PER_MM


@pytest.mark.parametrize("view", sorted(TURNS))
def test_a_sphere_gives_the_chord_of_each_ray(view):
    v, t = sphere(40)
    path = path_of(v, t, camera(view))
    y, x = (np.mgrid[:256, :256] - 127.5) * PIXEL_MM
    chord = 2 * np.sqrt(np.maximum(40**2 - x**2 - y**2, 0))
    inside = np.hypot(x, y) < 37
    assert np.abs(path - chord)[inside].max() < 0.25
    assert np.abs(path[np.hypot(x, y) > 40.5]).max() == 0


@pytest.mark.parametrize("number", range(12))
def test_no_pose_leaks_and_no_path_is_negative_beyond_rounding(number):
    seed = Seed("pose", (str(number),))
    v, t = spiked(seed)
    cam = camera(("PA", "AP", "LL")[number % 3], 600.0)
    path = path_of(v, t, cam)
    p = cam.project(v)
    assert path.min() > -1e-3
    outside = np.ones(path.shape, bool)
    lo, hi = np.floor(p[:, :2].min(0)).astype(int), np.ceil(p[:, :2].max(0)).astype(int)
    outside[lo[1] : hi[1] + 1, lo[0] : hi[0] + 1] = False
    assert not path[outside].any()


@pytest.mark.parametrize("number", range(4))
def test_the_mass_of_a_mesh_is_its_volume(number):
    v, t = spiked(Seed("mass", (str(number),)))
    mass = path_of(v, t, camera()).sum() * PIXEL_MM**2
    assert mass == pytest.approx(volume(v, t), rel=2e-3)


def test_a_surface_that_the_film_s_edge_cuts_is_whole_on_the_rest():
    v, t = sphere(40)
    whole = path_of(v, t, camera())
    cut = path_of((v + np.array((40, 0, 30))).astype(np.float32), t, camera())
    assert np.abs(cut[:196, 80:] - whole[60:, :176]).mean() < 2e-3  # corners may round the other way


@pytest.mark.parametrize("radius_mm", [0.1, 0.3, 0.8, 2.0, 5.0])
@pytest.mark.parametrize("angle", [0.0, 17.0, 45.0, 90.0])
def test_a_tube_keeps_its_volume_however_thin_and_however_it_lies(radius_mm, angle):
    a = math.radians(angle)
    end = np.array([[30 * math.cos(a), 5.0, 30 * math.sin(a)]], np.float32)
    r = np.array([radius_mm], np.float32)
    path = new_path(camera())
    add_tubes(path, camera(), Tubes(-end / 2, end / 2, r, r, 1.0))
    mass = path[:, :-2].sum() / UNIT_PER_MM * PIXEL_MM**2
    assert mass == pytest.approx(math.pi * radius_mm**2 * math.hypot(30, 5.0), rel=0.04)


@pytest.mark.parametrize("radius_mm", [0.3, 1.0, 4.0])
def test_a_tube_seen_from_its_end_keeps_its_volume(radius_mm):
    r = np.array([radius_mm], np.float32)
    ends = np.array([[0, -5, 0]], np.float32), np.array([[0, 5, 0]], np.float32)
    path = new_path(camera())
    add_tubes(path, camera(), Tubes(*ends, r, r, 1.0))
    mass = path[:, :-2].sum() / UNIT_PER_MM * PIXEL_MM**2
    assert mass == pytest.approx(10 * math.pi * radius_mm**2, rel=0.04)


def test_a_film_drawn_in_two_parts_is_the_film():
    (a, t), (b, u) = spiked(Seed("a")), spiked(Seed("b"))
    r = np.array([0.2, 1.5], np.float32)
    ends = np.array([[-20, 0, 5], [10, 3, 0]], np.float32), np.array([[0, 0, 9], [20, 1, 30]], np.float32)
    scene = Scene(
        {"a": Surface(a, t, 0.5, "coarse"), "b": Surface(b, u, -0.3)}, {"c": Tubes(*ends, r, r, 1.0)}
    )
    whole = project(scene, camera())
    coarse, fine = project(scene, camera(), fine=False), project(scene, camera(), coarse=False)
    assert coarse.any()
    assert fine.any()
    assert np.array_equal(whole, coarse + fine)


def test_order_does_not_change_a_byte():
    parts = [spiked(Seed("order", (str(k),))) for k in range(3)]
    films = []
    for order in ((0, 1, 2), (2, 0, 1)):
        path = new_path(camera())
        for k in order:
            add_surface(path, camera(), *parts[k], 0.7)
        integrate(path, 4)
        films.append(path.tobytes())
    assert films[0] == films[1]


def test_the_cone_magnifies_what_is_far_from_the_detector():
    cam = camera(sid_mm=1000.0)
    near, far = cam.project(np.array([[10, 0, 0], [10, 500, 0]], np.float32))[:, 0] - 127.5
    assert near == pytest.approx(10 / PIXEL_MM, abs=0.02)
    assert far == pytest.approx(20 / PIXEL_MM, abs=0.02)


def test_the_patient_s_left_is_on_the_right_of_a_frontal_film_and_the_back_on_the_right_of_a_lateral():
    left, back = np.array([[50, 0, 0]], np.float32), np.array([[0, 50, 0]], np.float32)
    assert camera("PA").project(left)[0, 0] > 200
    assert camera("AP").project(left)[0, 0] > 200
    assert camera("LL").project(back)[0, 0] > 200
