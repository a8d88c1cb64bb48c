"""Breaks of the arm: where they are, and that bodies take the ones of their age."""

from __future__ import annotations

import pytest

from fhir2dicom import plugs
from fhir2dicom.anatomy import arm
from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan, Person
from fhir2dicom.seed import Seed

FINDINGS = plugs.load(Finding)
NAMES = ["clavicle-fracture", "forearm-fracture", "wrist-fracture", "humerus-fracture", "metacarpal-fracture",
         "finger-fracture", "scaphoid-fracture"]  # fmt: skip


def edits(name: str, key: str = "a", days: float = 0.0, severity: float = 0.7) -> tuple[Edit, ...]:
    return FINDINGS[name].grow(FindingPlan(name, severity, days, "R"), Seed(key).child(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_break_is_on_the_side_of_the_plan_and_the_same_every_time(name):
    first = edits(name)
    assert first
    assert {e.laterality for e in first} == {"R"}
    assert first == edits(name)
    assert [e.numbers for e in first] != [e.numbers for e in edits(name, "b")]


@pytest.mark.parametrize("name", NAMES)
def test_after_a_year_it_has_healed(name):
    assert edits(name, days=400.0) == ()


def test_a_forearm_breaks_where_a_film_of_the_upper_arm_shows_it():
    for key in "abcdefgh":
        for edit in edits("forearm-fracture", key):
            assert edit.numbers["along"] * 250 < 50  # mm below the elbow


@pytest.mark.parametrize(("age", "parts"), [(8.0, 1), (60.0, 2)])
def test_a_child_buckles_its_radius_and_an_old_woman_breaks_hers(age, parts):
    p = Person("w", "F", age, 1.3 if age < 10 else 1.6, 26.0 if age < 10 else 65.0)
    whole = [b for b in arm.arm(p, Seed("x")).bones if b.name == "radius"]
    hurt = [b for b in arm.arm(p, Seed("x"), edits("wrist-fracture")).bones if b.name == "radius"]
    assert (len(whole), len(hurt)) == (1, parts)
    assert (hurt[0].vertices.shape != whole[0].vertices.shape) or (
        hurt[0].vertices != whole[0].vertices
    ).any()
