"""The arm: what grows when, sizes, poses, regions, and that a break loses no bone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from fhir2dicom import plugs
from fhir2dicom.anatomy import arm, arm_growth
from fhir2dicom.anatomy.bone import load, volume_mm3
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Edit, Person
from fhir2dicom.seed import Seed

SEED = Seed("arm")
POSES = [
    ("hand", "pa"), ("hand", "lateral"), ("wrist", "pa"), ("wrist", "ulnar-deviation"), ("elbow", "ap"),
    ("elbow", "lateral"), ("forearm", "ap"), ("forearm", "lateral"), ("humerus", "ap"), ("shoulder", "ap"),
    ("shoulder", "y"), ("clavicle", "ap"),
]  # fmt: skip


def person(age: float = 30.0, sex: str = "M", height: float = 1.765, bmi: float = 23.0) -> Person:
    return Person("arm", sex, age, height, bmi * height**2)


def seen(age: float, sex: str = "M") -> set[str]:
    return {b.name for b in arm.arm(person(age, sex), SEED).bones}


def closed(triangles) -> bool:
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]).astype(
        np.int64
    )
    one = np.sort(edges[:, 0] * 1_000_000 + edges[:, 1])
    other = np.sort(edges[:, 1] * 1_000_000 + edges[:, 0])
    return bool(np.array_equal(one, other))


def test_every_bone_of_the_atlas_is_closed_and_has_its_cortex_inside():
    for bone in load("arm").values():
        assert closed(bone.triangles), bone.name
        whole = volume_mm3(bone.vertices, bone.triangles)
        assert 0 < volume_mm3(bone.inner, bone.triangles) < whole, bone.name


def test_the_carpals_come_in_their_order():
    order = ["capitate", "hamate", "triquetrum", "lunate", "trapezium", "trapezoid", "scaphoid", "pisiform"]
    first = {row.bone: row.appears[0] for row in arm_growth.CENTRES}
    ages = [first[name] for name in order]
    assert max(a - b for a, b in pairwise(ages)) <= 0.15
    assert {"capitate", "hamate"} <= seen(1.0)
    assert not {"lunate", "scaphoid", "pisiform"} & seen(1.0)
    assert "pisiform" in seen(13.0)


def test_the_elbow_grows_in_the_order_of_critoe():
    kinds = [
        "humerus capitellum",
        "radius epiphysis 2",
        "humerus medial",
        "humerus trochlea",
        "ulna epiphysis 2",
        "humerus lateral",
    ]
    bones, years = [load("arm")[n] for n in ("humerus", "radius", "ulna")], np.arange(0.5, 14, 0.5)
    at = {
        y: {p.name for b in bones for p in arm_growth.parts(b, person(y), arm.joints(), 1)}
        for y in years.tolist()
    }
    first = [next(y for y in at if kind in at[y]) for kind in kinds]
    assert first == sorted(first)


def test_girls_are_ahead_of_boys_and_the_grown_have_no_plates():
    assert len(seen(4.3, "F")) > len(seen(4.3, "M"))
    assert not [n for n in seen(25.0) if " " in n]


def test_a_tall_person_has_long_bones_and_a_child_short_ones():
    def humerus(p: Person) -> float:
        at = arm.arm(p, SEED).at
        return float(np.linalg.norm(np.subtract(at["shoulder"], at["elbow"])))

    assert humerus(person(height=1.9)) > humerus(person()) > 2.2 * humerus(person(1.0, height=0.76, bmi=17))


def test_a_break_moves_bone_and_loses_none():
    p = person()
    edit = Edit("fracture", "radius", "R", 0.5, 7, {"along": 0.5, "angle_deg": 15.0, "out_mm": 4.0})
    whole, broken = (arm.arm(p, SEED, e).bones for e in ((), (edit,)))
    before = sum(volume_mm3(b.vertices, b.triangles) for b in whole if b.name == "radius")
    parts = [b for b in broken if b.name == "radius"]
    assert len(parts) == 2
    assert all(closed(b.triangles) for b in parts)
    assert sum(volume_mm3(b.vertices, b.triangles) for b in parts) == pytest.approx(before, rel=1e-3)


@pytest.mark.parametrize(("region", "pose"), POSES)
def test_a_left_arm_is_a_right_one_in_the_mirror(region, pose):
    body = plugs.load(Region)[region].build(person(), SEED, ())
    right, left = body.scene(pose, "R"), body.scene(pose, "L")
    assert left.size_mm == pytest.approx(right.size_mm, rel=0.06)  # no two collar bones are alike
    assert left.aim[0] == pytest.approx(-right.aim[0], abs=14.0)
    assert left.aim[1:] == pytest.approx(right.aim[1:], abs=14.0)
    for scene in (right, left):
        for name in ("skin", "lean"):
            s = scene.surfaces[name]
            assert volume_mm3(s.vertices, s.triangles) > 0


def test_an_injured_side_leaves_the_other_as_it_was():
    edit = Edit("fracture", "mc5", "R", 0.5, 7, {"along": 0.85, "angle_deg": -30.0})
    region = plugs.load(Region)["hand"]
    hurt, sound = (region.build(person(), SEED, e) for e in ((edit,), ()))
    same = np.array_equal(
        hurt.scene("pa", "L").surfaces["bone"].vertices, sound.scene("pa", "L").surfaces["bone"].vertices
    )
    assert same
    assert len(hurt.scene("pa", "R").surfaces["bone"].vertices) > len(
        sound.scene("pa", "R").surfaces["bone"].vertices
    )


def test_a_humerus_film_reaches_both_joints_and_five_centimetres_of_the_forearm():
    scene = plugs.load(Region)["humerus"].build(person(), SEED, ()).scene("ap", "R")
    v = scene.surfaces["arm bone"].vertices
    shown = np.abs(v[:, 2] - scene.aim[2]) < scene.size_mm[1] / 2
    assert v[shown, 2].max() == v[:, 2].max()
    assert v[:, 2].max() - v[shown, 2].min() > 326 + 50


def test_blood_in_the_elbow_lifts_its_fat():
    edit = Edit("fracture", "radius", "R", 0.5, 7, {"along": 0.08})
    sound, hurt = (arm.arm(person(), SEED, e).pads for e in ((), (edit,)))
    assert "humerus pad back" not in {p.name for p in sound}
    assert "humerus pad back" in {p.name for p in hurt}
    front = [
        next(p for p in pads if p.name == "humerus pad front").vertices[:, 1].min() for pads in (sound, hurt)
    ]
    assert front[1] < front[0] - 2
