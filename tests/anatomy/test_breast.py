"""A woman has two breasts: the same in every study, alike and not equal, pressed as a view asks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fhir2dicom.anatomy.breast import BREAST
from fhir2dicom.errors import PlanError
from fhir2dicom.model import Edit, Person
from fhir2dicom.seed import Seed

WOMAN = Person("a woman", "F", 55.0, 1.65, 72.0)


def body(person=WOMAN, *grown):
    return BREAST.build(person, Seed("root").child("patient", person.key), grown)


def people(count=60):
    for k in range(count):
        yield Person(f"woman {k}", "F", 30.0 + k * 50 / count, 1.62, 1.62**2 * (20 + 7919 * k % 17))


@pytest.mark.parametrize("view", ["CC", "MLO", "ML"])
def test_a_breast_is_the_same_whenever_it_is_built(view):
    one, two = body().pressed(view, "L"), body().pressed(view, "L")
    assert one.key == two.key
    assert np.array_equal(one.outline, two.outline)
    assert np.array_equal(one.strands.points, two.strands.points)
    assert np.array_equal(one.grains, two.grains)


def test_left_and_right_are_alike_and_not_equal():
    left, right = body().pressed("CC", "L"), body().pressed("CC", "R")
    assert left.key != right.key
    assert abs(left.thickness_mm - right.thickness_mm) < 12
    assert not np.array_equal(left.outline, right.outline)
    assert abs(left.outline[:, 0].max() - right.outline[:, 0].max()) < 0.15 * left.outline[:, 0].max()
    assert left.large == right.large


def test_density_falls_as_a_woman_ages_and_her_body_stays_the_same():
    amounts = [body(replace(WOMAN, age_years=age)).gland().amount for age in (40.0, 50.0, 60.0, 70.0, 80.0)]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] - amounts[-1] > 0.3


def test_categories_of_density_are_about_as_common_as_in_women_who_are_screened():
    found = [body(p).density for p in people(240)]
    shares = {d: found.count(d) / len(found) for d in "abcd"}
    assert shares["b"] > 0.25 and shares["c"] > 0.18
    assert 0.03 < shares["a"] < 0.35
    assert 0.01 < shares["d"] < 0.20


def test_thickness_is_that_of_the_literature():
    thick = np.array([body(p).pressed("CC", "L").thickness_mm for p in people()])
    assert 52 < thick.mean() < 66
    assert 10 < thick.std() < 22


@pytest.mark.parametrize("kind", ["breast-mass", "breast-lump", "breast-cluster"])
def test_both_views_show_a_finding_at_the_same_distance_from_the_nipple(kind):
    edit = Edit(kind, "breast", "L", key=7, numbers={"diameter_mm": 14.0, "count": 9.0})
    for person in people(12):
        away = []
        for view in ("CC", "MLO"):
            breast = body(replace(person, age_years=36.0), edit).pressed(view, "L")
            rows = breast.lumps if kind != "breast-cluster" else breast.grains
            plain = body(replace(person, age_years=36.0)).pressed(view, "L")
            own = rows[: len(rows) - (len(plain.lumps) if kind != "breast-cluster" else 0)]
            away.append(breast.outline[:, 0].max() - float(own[:, 0].mean()))
        assert abs(away[0] - away[1]) < 10


def test_a_finding_of_the_left_breast_leaves_the_right_one_alone():
    mass = Edit("breast-mass", "breast", "L", key=7, numbers={"diameter_mm": 14.0})
    assert np.array_equal(body(WOMAN, mass).pressed("CC", "R").lumps, body().pressed("CC", "R").lumps)
    assert len(body(WOMAN, mass).pressed("CC", "L").lumps) > len(body().pressed("CC", "L").lumps)


def test_a_lumpectomy_takes_the_mass_and_leaves_clips():
    mass = Edit("breast-mass", "breast", "L", key=7, numbers={"diameter_mm": 14.0})
    scar = Edit("breast-scar", "breast", "L", key=8)
    before, after = body(WOMAN, mass).pressed("CC", "L"), body(WOMAN, mass, scar).pressed("CC", "L")
    assert before.lumps[:, 7].max() > 1 > after.lumps[:, 7].max()
    assert after.grains[:, 6].max() > 3 > before.grains[:, 6].max(initial=0)


def test_a_breast_that_was_removed_and_a_child_are_named_answers():
    gone = Edit("mastectomy", "breast", "L")
    with pytest.raises(PlanError, match="left breast was removed"):
        body(WOMAN, gone).pressed("CC", "L")
    assert body(WOMAN, gone).pressed("CC", "R").outline.size
    with pytest.raises(PlanError, match="no breast to press"):
        body(replace(WOMAN, age_years=6.0)).pressed("CC", "L")


def test_a_man_has_a_small_fatty_breast():
    man = body(replace(WOMAN, sex="M", key="a man"))
    assert man.density == "a"
    assert man.pressed("CC", "L").outline[:, 0].max() < 70


def test_an_oblique_view_has_the_muscle_and_the_armpit_and_a_frontal_one_has_a_crescent_at_most():
    cc, mlo = body().pressed("CC", "L"), body().pressed("MLO", "L")
    seen = [len(body(p).pressed("CC", "L").pectoral) > 0 for p in people(40)]
    assert 0.1 < sum(seen) / 40 < 0.55
    assert len(mlo.pectoral) and mlo.pectoral[0, 0] > mlo.pectoral[-1, 0]
    assert mlo.outline[:, 1].max() > 150
    assert mlo.thickness_mm > cc.thickness_mm
