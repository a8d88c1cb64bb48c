"""Soft tissue of limbs: skin by age, sex and mass, muscle in it, and bending."""

from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom.anatomy import flesh
from fhir2dicom.anatomy.bone import volume_mm3
from fhir2dicom.anatomy.flesh import Turn
from fhir2dicom.model import Person

SKIN = flesh.load("arm")


def person(age: float = 30.0, bmi: float = 23.0, sex: str = "M", height: float = 1.75) -> Person:
    return Person("flesh", sex, age, height, bmi * height**2)


def litres(vertices) -> float:
    return volume_mm3(vertices, SKIN.triangles) / 1e6


def test_every_shape_of_the_skin_is_closed():
    t = SKIN.triangles
    edges = np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), 1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()


def test_who_weighs_more_has_more_skin_to_fill_and_the_same_muscle():
    thin, stout = person(bmi=19.0), person(bmi=36.0)
    assert litres(flesh.skin(SKIN, stout)) > 1.15 * litres(flesh.skin(SKIN, thin))
    np.testing.assert_array_equal(flesh.muscle(SKIN, stout), flesh.muscle(SKIN, thin))


@pytest.mark.parametrize("age", [1.0, 3.0, 8.0, 13.0, 30.0, 85.0])
@pytest.mark.parametrize("sex", ["M", "F"])
def test_muscle_lies_within_the_skin(age, sex):
    p = person(age, 23.0 if age > 12 else 16.0, sex)
    assert 0.35 < litres(flesh.muscle(SKIN, p)) / litres(flesh.skin(SKIN, p)) < 0.97


def test_a_small_child_has_more_fat_for_its_muscle_than_a_man():
    child, man = person(2.0, 16.3, height=0.87), person(30.0, 23.0)

    def share(p: Person) -> float:
        return litres(flesh.muscle(SKIN, p)) / litres(flesh.skin(SKIN, p))

    assert share(child) < share(man)


def test_bending_turns_what_follows_in_full_by_the_whole_angle_and_leaves_the_rest():
    points = np.array([[0, 0, -10], [0, 0, -10], [0, 0, -10]], np.float32)
    shares = np.array([0.0, 0.5, 1.0], np.float32)
    out = flesh.bent(points, [Turn("elbow", (0, 0, 0), (1, 0, 0), 90.0)], {"elbow": shares})
    np.testing.assert_allclose(out[0], (0, 0, -10), atol=1e-5)
    np.testing.assert_allclose(out[2], (0, 10, 0), atol=1e-5)
    np.testing.assert_allclose(np.sqrt((out**2).sum(1)), 10.0, rtol=1e-6)  # nothing collapses on the way


def test_a_bent_arm_keeps_its_volume():
    v = SKIN.vertices
    out = flesh.bent(v, [Turn("elbow", (13, -6, -292), (1, 0.05, -0.04), -90.0)], SKIN.follows)
    assert litres(out) == pytest.approx(litres(v), rel=0.06)
