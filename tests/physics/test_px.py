"""Panoramic films: the jaw unrolled, its teeth in order, and what broke or slipped."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from fhir2dicom.anatomy.mandible import MANDIBLE
from fhir2dicom.errors import PlanError
from fhir2dicom.model import Edit, Grown, Person, Protocol, Shot
from fhir2dicom.physics.px import PX
from fhir2dicom.physics.px_view import unrolled
from fhir2dicom.seed import Seed

PROTOCOL = Protocol("test", "PX", "mandible", 1440, 2896, view="PANORAMIC")


def person(age: float) -> Person:
    return Person("a", "M", age, 1.75 if age > 15 else 1.2, 75.0 if age > 15 else 25.0)


def film(age: float, grown: tuple[Grown, ...] = ()) -> npt.NDArray[np.int32]:
    body = MANDIBLE.build(person(age), Seed("patient"), grown)
    return PX.acquire(body, Shot(PROTOCOL, "", 1, ()), Seed("film")).render(0).astype(np.int32)


def test_the_same_patient_gives_the_same_film() -> None:
    assert np.array_equal(film(34.0), film(34.0))


def test_right_teeth_are_on_the_left_of_the_film_and_follow_one_another() -> None:
    seen = MANDIBLE.build(person(34.0), Seed("patient"), ()).panorama()
    way = unrolled(seen.arch, 0.0, 720, 1448, 0.2)
    for quadrant, sign in ((1, -1), (2, 1), (3, 1), (4, -1)):
        teeth = sorted((s for s in seen.teeth if s.tooth.fdi // 10 == quadrant), key=lambda s: s.tooth.fdi)
        away = [sign * (way.place(s.at[None, :])[0, 0] - 723.5) for s in teeth]
        assert len(away) > 4
        assert away[0] >= 0  # on the midline where teeth are crowded
        assert all(b - a > 20 for a, b in pairwise(away))


def test_bone_is_brighter_than_what_is_below_it_and_darker_than_enamel() -> None:
    pixels = film(34.0)
    lower = pixels[1120:1200, 1000:1200].mean()
    assert lower > 1.2 * pixels[1390:1430, 1000:1200].mean()
    assert np.percentile(pixels[650:900, 1000:1900], 95) > 1.5 * lower


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        (Edit("fracture", "mandible_angle", "R", 0.8, 7), np.s_[700:1200, 400:900]),
        (Edit("dislocation", "temporomandibular", "B", 0.8, 7), np.s_[700:1400, 600:2300]),
    ],
    ids=["fracture of the right angle", "dislocation of the joint"],
)
def test_what_happened_to_the_jaw_shows(edit: Edit, where: tuple[slice, slice]) -> None:
    sound, hurt = film(28.0), film(28.0, (edit,))
    changed = np.abs(hurt - sound) > 300
    assert changed[where].mean() > 0.03


def test_a_fracture_of_one_side_leaves_the_other_alone() -> None:
    sound, hurt = film(28.0), film(28.0, (Edit("fracture", "mandible_angle", "R", 0.8, 7),))
    changed = np.abs(hurt - sound) > 300
    assert changed[:, 1600:].mean() < 0.1 * changed[:, :1300].mean()


def test_a_child_has_buds_below_its_milk_teeth() -> None:
    seen = MANDIBLE.build(person(8.0), Seed("patient"), ()).panorama()
    at = {s.tooth.fdi: float(s.at[2]) for s in seen.teeth}
    pairs = [(fdi, fdi + 40) for fdi in (34, 35, 44, 45) if fdi in at and fdi + 40 in at]
    assert pairs
    assert all(at[bud] < at[milk] - 4.0 for bud, milk in pairs)


def test_no_panoramic_film_is_taken_of_an_infant() -> None:
    with pytest.raises(PlanError):
        MANDIBLE.build(Person("a", "F", 0.4, 0.6, 6.0), Seed("patient"), ()).panorama()
