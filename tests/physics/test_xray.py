"""A chest film shows the patient: the right way round, like the CT, with numbers that agree."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from fhir2dicom.anatomy.torso import build
from fhir2dicom.model import Body, Frames, Person, Protocol, Shot
from fhir2dicom.physics import xray, xray_chest
from fhir2dicom.physics.dx import DX
from fhir2dicom.physics.xray_film import blur, grow, shrink
from fhir2dicom.seed import Seed

MAN = Person("film man", "M", 50.0, 1.76, 78.0)
CHILD = Person("film child", "M", 4.0, 1.02, 16.5)


def protocol(view: str = "PA", modality: str = "DX", size: int = 1024) -> Protocol:
    return Protocol("chest", modality, "chest", size, size, view=view, settings={"pixel_mm": 409.6 / size})


@cache
def body(person: Person = MAN) -> Body:
    return build(person, Seed("test").child("patient", person.key), (), (20.0, 330.0))


@cache
def frames(view: str = "PA", person: Person = MAN, key: str = "a") -> Frames:
    return xray.acquire(body(person), Shot(protocol(view), "", 1, ()), Seed(key))


@cache
def film(view: str = "PA", person: Person = MAN, key: str = "a") -> np.ndarray:
    return frames(view, person, key).render(0)


@pytest.mark.parametrize("view", ["PA", "LL", "AP"])
def test_a_film_fills_its_bits_without_clipping_the_chest(view):
    pixels = film(view)
    assert pixels.dtype == np.uint16
    assert pixels.shape == (1024, 1024)
    assert 3000 < pixels.max() <= 4095
    middle = pixels[300:800, 300:724]
    assert np.mean(middle >= 4090) < 0.01
    assert np.mean(middle <= 5) < 0.01


def test_the_same_film_is_the_same_to_the_byte_and_another_exposure_differs_in_noise_only():
    again = xray.acquire(body(), Shot(protocol(), "", 1, ()), Seed("a")).render(0)
    assert again.tobytes() == film().tobytes()
    middle = (slice(400, 600), slice(250, 400))
    difference = film(key="b")[middle].astype(float) - film()[middle]
    assert 3 < difference.std() < 120
    assert abs(difference.mean()) < 8


@pytest.mark.parametrize("view", ["PA", "AP"])
def test_the_heart_s_apex_is_on_the_right_of_the_image_and_the_liver_on_the_left(view):
    pixels = film(view).astype(float)
    lungs = body().scene("arms-down").surfaces
    camera, *_ = xray_chest.camera_of(
        body().scene(xray_chest.SETUPS[view].pose), view, protocol(view), 1800.0
    )
    height = camera.project(lungs["lung_l"].vertices)[:, 1]
    top, base = height.min(), height.max()
    row = slice(int(top + 0.62 * (base - top)), int(top + 0.72 * (base - top)))
    spine = 512
    left_of_image = pixels[row, spine - 190 : spine - 70].mean()
    right_of_image = pixels[row, spine + 70 : spine + 190].mean()
    assert right_of_image > left_of_image + 200


def test_a_lateral_film_has_the_spine_on_the_right():
    scene = body().scene("arms-up")
    camera, *_ = xray_chest.camera_of(scene, "LL", protocol("LL"), 1800.0)
    bone = camera.project(scene.surfaces["bone"].vertices)
    lungs = camera.project(scene.surfaces["lung_r"].vertices)
    low = bone[bone[:, 1] > lungs[:, 1].max() - 40]
    assert np.median(low[:, 0]) > np.median(lungs[:, 0]) + 40


def test_bone_is_white_and_air_black():
    pixels = film()
    assert pixels[700:900, 490:534].mean() > 2.0 * pixels[400:500, 280:380].mean()
    assert pixels[30:60, 200:800][:, :60].mean() < 300


def test_a_child_is_collimated_to_the_child():
    pixels = film(person=CHILD)
    exposed = pixels > 0
    assert exposed.any(1).sum() < 700
    assert exposed.any(0).sum() < 750
    edges = frames(person=CHILD).attributes
    assert exposed.any(1).argmax() >= edges["CollimatorUpperHorizontalEdge"]


def test_what_the_machine_reports_agrees_with_itself():
    a = frames().attributes
    assert a["DistanceSourceToDetector"] > a["DistanceSourceToPatient"] > 1500
    factor = a["DistanceSourceToDetector"] / a["DistanceSourceToPatient"]
    assert a["EstimatedRadiographicMagnificationFactor"] == pytest.approx(factor, abs=1e-3)
    assert a["ExposureInuAs"] == pytest.approx(a["XRayTubeCurrent"] * a["ExposureTime"], rel=0.15)
    assert a["ImagerPixelSpacing"] == (0.4, 0.4)


def test_a_thicker_patient_gets_more():
    heavy = Person("film heavy", "M", 50.0, 1.76, 125.0)
    assert frames(person=heavy).attributes["ExposureInuAs"] > 1.3 * frames().attributes["ExposureInuAs"]
    assert frames(person=CHILD).attributes["ExposureInuAs"] < 0.8 * frames().attributes["ExposureInuAs"]


def test_a_plate_says_nothing_of_a_flat_detector():
    made = xray.acquire(body(), Shot(protocol(modality="CR"), "", 1, ()), Seed("a"))
    assert "DetectorType" not in made.attributes
    assert made.attributes["KVP"] == 120.0


def test_radiography_answers_to_its_names_and_writes_dx_first():
    assert set(DX.aliases) >= {"DX", "CR", "XR", "RG"}
    assert [i.modality for i in DX.iods] == ["DX", "CR"]


def test_maps_keep_their_mean_through_shrinking_blurring_and_growing():
    a = np.arange(64 * 64, dtype=np.float32).reshape(64, 64) % 97
    assert shrink(a, 4).mean() == pytest.approx(a.mean(), rel=1e-5)
    flat = np.full((40, 50), 3.25, np.float32)
    assert np.allclose(blur(flat, 5), 3.25, atol=1e-5)
    assert np.allclose(grow(flat, 4, 160, 200), 3.25, atol=1e-6)


@pytest.mark.parametrize("person", [MAN, CHILD], ids=lambda p: p.key)
@pytest.mark.parametrize("view", ["PA", "LL", "AP"])
def test_without_a_pixel_the_film_is_cut_to_the_chest(view, person):
    free = Protocol("chest", "DX", "chest", 512, 512, view=view)
    scene = body(person).scene(xray_chest.SETUPS[view].pose)
    camera, _, size = xray_chest.camera_of(scene, view, free, xray_chest.SETUPS[view].sid_mm)
    assert max(size, 160) == pytest.approx(512 * camera.pixel_mm, rel=0.01)
    p = np.concatenate([camera.project(scene.surfaces[n].vertices) for n in xray_chest.LUNGS])
    assert p[:, 0].min() > 0
    assert p[:, 0].max() < 511
    assert 0.03 * 512 < p[:, 1].min() < 0.22 * 512


def test_a_child_is_seen_with_smaller_pixels_than_a_man():
    free = Protocol("chest", "DX", "chest", 2048, 2048, view="PA")
    pixels = [
        xray_chest.camera_of(body(p).scene("arms-down"), "PA", free, 1800.0)[0].pixel_mm for p in (CHILD, MAN)
    ]
    assert pixels[0] < 0.75 * pixels[1] < 0.17


@pytest.mark.slow
def test_the_film_is_a_projection_of_the_ct_s_labels(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    sys.modules.pop("realism_film", None)
    realism_film = import_module("realism_film")

    whole = build(MAN, Seed("test").child("patient", MAN.key), (), (0.0, 330.0))
    assert realism_film.correlation(whole, "PA")[0] >= 0.98
