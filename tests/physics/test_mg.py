"""A mammogram: the breast on its side of the film, dense where it is, black air, a raw one that is linear."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from fhir2dicom.anatomy.breast import BREAST
from fhir2dicom.model import Edit, InstancePlan, Person, Protocol, Shot
from fhir2dicom.physics.mg import LARGE, MG, PIXEL_MM, SMALL
from fhir2dicom.physics.mg_beam import expose
from fhir2dicom.seed import Seed

SLIM = Person("slim", "F", 44.0, 1.66, 58.0)
STOUT = Person("stout", "F", 68.0, 1.60, 104.0)


def shot(view, side, **settings):
    protocol = Protocol("MG", "MG", "breast", 4096, 3328, view=view, settings=settings)
    return Shot(protocol, side, 1, (InstancePlan("1.2.3", 1),))


def body(person=SLIM, *grown):
    return BREAST.build(person, Seed("root").child("patient", person.key), grown)


def frames(view="CC", side="L", person=SLIM, grown=(), noise="noise", **settings):
    return MG.acquire(body(person, *grown), shot(view, side, **settings), Seed(noise))


def film(*words, **more):
    return frames(*words, **more).render(0)


@pytest.mark.parametrize("view", ["CC", "MLO"])
def test_the_chest_wall_is_at_the_left_of_a_left_breast_and_at_the_right_of_a_right_one(view):
    left, right = film(view, "L"), film(view, "R")
    assert (left[:, :40] > 100).mean() > 0.4 > (left[:, -40:] > 100).mean()
    assert (right[:, -40:] > 100).mean() > 0.4 > (right[:, :40] > 100).mean()


def test_air_is_black_and_fat_and_gland_are_grey_and_white():
    pixels = film()
    assert (pixels == 0).mean() > 0.2
    breast = pixels[pixels > 100]
    assert np.percentile(breast, 5) < 1300 < 2200 < np.percentile(breast, 97) < 4095


def test_an_oblique_view_shows_the_muscle_at_the_top_of_the_chest_wall():
    pixels = film("MLO", "L", STOUT)
    above, below = pixels[200:500, 20:200], pixels[-500:-300, 20:200]
    assert above.mean() > below[below > 100].mean() + 300


def test_the_same_film_is_made_again_and_other_noise_is_another_film():
    digests = [hashlib.sha256(film(noise=n).tobytes()).hexdigest() for n in ("one", "one", "two")]
    assert digests[0] == digests[1] != digests[2]


def test_noise_is_there_and_less_than_structure():
    pixels = film().astype(float)
    ripple = pixels[:, 1:-1] - (pixels[:, 2:] + pixels[:, :-2]) / 2
    inside = pixels[:, 1:-1] > 600
    sd = np.median(np.abs(ripple[inside])) / 0.6745 / 1.5**0.5
    assert 5 < sd < 0.35 * pixels[:, 1:-1][inside].std()


def test_a_breast_never_lies_on_the_support_quite_as_before():
    rows = [np.flatnonzero((film(noise=n) > 100).any(axis=1))[0] for n in ("one", "two", "three")]
    assert 5 < np.ptp(rows) < 300


def test_a_large_breast_is_taken_with_the_large_paddle_and_no_film_is_larger_than_its_protocol():
    small, large = frames(person=SLIM), frames(person=STOUT)
    assert (small.rows, small.columns) == SMALL
    assert (large.rows, large.columns) == LARGE
    assert large.attributes["PaddleDescription"] != small.attributes["PaddleDescription"]


def test_a_mass_is_brighter_than_what_was_there():
    mass = Edit("breast-mass", "breast", "L", key=3, numbers={"diameter_mm": 22.0})
    with_it, without = body(STOUT, mass).pressed("CC", "L"), film(person=STOUT).astype(int)
    u, v = with_it.lumps[0, :2]
    made = film(person=STOUT, grown=(mass,)).astype(int)
    column = int(u / PIXEL_MM)
    changed = np.abs(made - without)[:, column - 60 : column + 60].mean(axis=1)
    row = int(changed[100:-100].argmax()) + 100
    here = np.s_[row - 40 : row + 40, column - 40 : column + 40]
    assert made[here].mean() > without[here].mean() + 400
    assert v != 0


def test_calcifications_are_small_and_white():
    grains = Edit("breast-cluster", "breast", "L", key=3, numbers={"count": 20.0})
    gained = film(grown=(grains,)).astype(int) - film().astype(int)
    assert 50 < (gained > 200).sum() < 20_000


def test_a_raw_film_is_linear_in_exposure_with_bright_air():
    raw = frames(for_processing=1.0)
    assert raw.bits_stored == 14 and raw.photometric == "MONOCHROME1" and not raw.windows
    pixels = raw.render(0)
    assert pixels[:, -30:].min() > 15_000
    assert 200 < np.median(pixels[pixels < 5000]) < 3000


def test_a_thicker_breast_takes_a_harder_beam_more_charge_and_more_dose():
    exposures = [expose(body(p).pressed("CC", "L"), PIXEL_MM, 0.0, {}) for p in (SLIM, STOUT)]
    slim, stout = exposures
    assert slim.kvp < stout.kvp and slim.mas < stout.mas and slim.organ_mgy < stout.organ_mgy
    for e in exposures:
        assert 25 <= e.kvp <= 34 and 20 < e.mas < 400
        assert 0.5 < e.organ_mgy < 3.5 < 25 * e.organ_mgy
        assert e.organ_mgy < e.entrance_mgy


def test_what_fhir_states_of_the_exposure_is_taken():
    stated = frames(kvp=30.0, mas=80.0).attributes
    assert stated["KVP"] == 30.0
    assert stated["ExposureInuAs"] == 80_000
