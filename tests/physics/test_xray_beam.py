"""A softer beam shows bone and fat more strongly; a thicker part gets more of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from film_phantoms import cylinder, limb, shot

from fhir2dicom.model import Protocol, Scene, Surface
from fhir2dicom.physics import xray, xray_exposure, xray_place
from fhir2dicom.physics.xray_beam import METAL, beam_of, bones, seen
from fhir2dicom.physics.xray_look import CHEST, HEAD, LIMB, NECK, TRUNK, look_of
from fhir2dicom.physics.xray_view import View
from fhir2dicom.seed import Seed


def test_the_softer_the_beam_the_more_bone_and_fat_stand_out_and_the_more_water_takes():
    beams = [beam_of(kvp) for kvp in (40.0, 52.0, 57.0, 66.0, 80.0, 120.0, 150.0)]
    for name in ("water_per_mm", "bone", "fat"):
        values = [getattr(b, name) for b in beams]
        assert values == sorted(values, reverse=True)
    assert beam_of(20.0) == beam_of(40.0)
    assert beam_of(300.0) == beam_of(150.0)


@pytest.mark.parametrize(
    ("kvp", "kev", "water"), [(60.0, 39.7, 0.0270), (80.0, 51.1, 0.0224), (120.0, 62.3, 0.0202)]
)
def test_water_absorbs_as_at_the_effective_energy(kvp, kev, water):
    """NIST XCOM at 40, 50 and 60 keV: .0268, .0227, .0206 /mm."""
    assert beam_of(kvp).water_per_mm == pytest.approx(water, abs=1e-4)
    nist = np.interp(kev, (40.0, 50.0, 60.0, 80.0), (0.02683, 0.02269, 0.02059, 0.01837))
    assert beam_of(kvp).water_per_mm == pytest.approx(nist, rel=0.01)


def test_bone_and_its_marrow_gain_alike_so_that_spongy_bone_stays_between_flesh_and_cortex():
    scene = limb().made
    soft = seen(scene, beam_of(52.0))
    gain = soft.surfaces["bone"].weight / scene.surfaces["bone"].weight
    assert gain == pytest.approx(beam_of(52.0).bone)
    assert soft.surfaces["marrow"].weight == pytest.approx(gain * scene.surfaces["marrow"].weight)
    assert soft.surfaces["skin"].weight < scene.surfaces["skin"].weight
    assert soft.surfaces["lean"].weight > scene.surfaces["lean"].weight
    bone, spongy = bones(soft)
    assert bone == soft.surfaces["bone"].weight
    assert spongy == pytest.approx(gain * 0.2)


@pytest.mark.parametrize("weight", [6.0, 17.0, 45.0, -45.0])
def test_metal_is_metal_in_every_beam(weight):
    rod = Surface(*cylinder(3.0, -10.0, 10.0, around=20), weight)
    for kvp in (50.0, 120.0):
        found = seen(Scene({"rod": rod}, {}), beam_of(kvp)).surfaces["rod"].weight
        assert METAL <= abs(found) <= 20.0
        assert found * weight > 0


def exposed(radius, *, region="knee", **settings):
    skin = Surface(*cylinder(radius, -90.0, 90.0, around=90), 1.0, "coarse")
    scene = Scene({"skin": skin}, {}, (0.0, 0.0, 0.0), (80.0, 120.0))
    protocol = Protocol("part", "DX", region, 1024, 1024, settings={"kvp": 64.0, "mas": 4.0, **settings})
    place = xray_place.place(scene, View("AP").axes, protocol, Seed("p"))
    thick = xray_place.thickness(xray_place.body_path(scene, place))
    return xray_exposure.expose(protocol, place, beam_of(64.0), thick, Seed("p")), thick


def test_a_thicker_part_gets_more_and_the_detector_about_the_same():
    made = [exposed(radius)[0] for radius in (45.0, 60.0, 75.0)]
    assert made[0].mas < made[1].mas < made[2].mas
    assert all(abs(m.deviation) < 1.5 for m in made)


def test_a_standard_part_gets_what_the_protocol_says():
    made, thick = exposed(58.4)
    assert thick == pytest.approx(115.0, abs=3.0)
    assert made.mas == pytest.approx(4.0, rel=0.3)
    assert xray_exposure.step(3.3) == 3.2
    assert xray_exposure.step(0.52) == 0.5


def test_a_grid_leaves_less_for_the_detector():
    without, behind = exposed(60.0)[0], exposed(60.0, grid=10.0)[0]
    assert behind.index / behind.mas < 0.75 * without.index / without.mas


def test_a_softer_beam_gives_bone_more_contrast_on_the_exposed_film():
    contrast = []
    for kvp in (50.0, 110.0):
        scene = seen(limb().made, beam_of(kvp))
        bone = scene.surfaces["bone"].weight * beam_of(kvp).water_per_mm
        contrast.append(bone)
    assert contrast[0] > 2 * contrast[1]


def test_each_kind_of_part_has_its_look():
    of = shot(region="knee").protocol
    assert look_of(of) is LIMB
    assert look_of(replace(of, region="pelvis", settings={"grid": 10.0})) is TRUNK
    assert look_of(replace(of, region="skull")) is HEAD
    assert look_of(replace(of, region="cervical-spine")) is NECK
    assert CHEST.lungs
    assert not any(look.lungs for look in (LIMB, TRUNK, HEAD, NECK))


@pytest.mark.parametrize("region", ["hand", "pelvis", "skull", "cervical-spine"])
def test_no_look_leaves_air_grey_or_flesh_black(region):
    grid = 10.0 if region == "pelvis" else 0.0
    film = xray.acquire(limb(), shot(region=region, grid=grid), Seed("look")).render(0)
    middle = film.shape[1] // 2
    assert film[300, 12:40].max() == 0
    assert film[300, middle - 100 : middle - 70].min() > 150
