"""Pelvis and leg: one patient's bones in every film of them, by age, side and what is broken."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from fhir2dicom import plugs
from fhir2dicom.anatomy import bone, leg, leg_breaks, leg_pelvis, leg_soft
from fhir2dicom.anatomy.leg_parts import LEG, PELVIS
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Edit, Person
from fhir2dicom.seed import Seed

REGIONS = ("pelvis", "hip", "femur", "knee", "lower-leg", "ankle", "foot")
POSES = {
    "pelvis": ("ap",),
    "hip": ("ap", "frog"),
    "femur": ("ap", "lateral"),
    "knee": ("ap", "lateral", "sunrise"),
    "lower-leg": ("ap", "lateral"),
    "ankle": ("ap", "mortise", "lateral"),
    "foot": ("dp", "lateral"),
}


def person(age: float = 35, sex: str = "M", height: float = 1.75, key: str = "p") -> Person:
    return Person(key=key, sex=sex, age_years=age, height_m=height, weight_kg=22 * height**2)


def points(parts) -> np.ndarray:
    return np.concatenate([b.vertices for b in parts])


def is_closed(triangles: np.ndarray) -> bool:
    edges = np.concatenate([triangles[:, [k, (k + 1) % 3]] for k in range(3)]).astype(np.int64)
    forth = np.sort(edges[:, 0] * 10**6 + edges[:, 1])
    return bool((forth == np.sort(edges[:, 1] * 10**6 + edges[:, 0])).all())


def near(a, b) -> float:
    """The least distance of two bones, mm; corners stand for the surfaces."""
    return float(cKDTree(points(a)).query(points(b))[0].min())


ADULT = leg.leg(person(), Seed("p"))


def test_every_bone_of_the_atlas_is_closed_and_looks_outward():
    atlas = bone.load("leg")
    assert set(LEG) | set(PELVIS) <= set(atlas)
    for name in (*LEG, *PELVIS):
        b = atlas[name]
        assert is_closed(b.triangles), name
        assert 0 < bone.volume_mm3(b.inner, b.triangles) < bone.volume_mm3(b.vertices, b.triangles), name


@pytest.mark.parametrize("key", ["a", "b", "c", "d"])
def test_joints_have_room_for_cartilage_whoever_the_patient_is(key):
    b = leg.leg(person(key=key), Seed(key)).bones
    assert 1.5 < near(b["femur"], b["tibia"]) < 6.5
    assert 1.0 < near(b["femur"], b["hip"]) < 6.5
    assert 1.5 < near(b["femur"], b["patella"]) < 7.5
    assert 1.2 < near(b["tibia"], b["talus"]) < 5.5
    assert 1.0 < near(b["talus"], b["calcaneus"]) < 4.5


def test_patients_differ_in_shape_and_not_only_in_size():
    a, b = (leg.bones_of(person(key=k), Seed(k), ("femur",))[0].vertices for k in "ab")
    a, b = ((v - v.mean(0)) / np.sqrt(((v - v.mean(0)) ** 2).sum(1).mean()) for v in (a, b))
    assert np.abs(a - b).max() > 0.005


def test_the_femur_of_a_hip_film_is_the_femur_of_a_knee_film():
    whole = leg.leg(person(), Seed("p"), names=("femur", "hip"))
    knee = leg.leg(person(), Seed("p"), names=("femur", "tibia"))
    assert np.array_equal(points(whole.bones["femur"]), points(knee.bones["femur"]))
    assert np.array_equal(
        points(leg_pelvis.pelvis_bones(person(), Seed("p")).right.bones["femur"]),
        points(whole.bones["femur"]),
    )


def test_femora_are_as_long_as_people_of_that_height_have_them():
    for height, expected in ((1.60, 424), (1.75, 463), (1.90, 503)):  # about .265 of the height
        femur = points(leg.leg(person(height=height), Seed("p"), names=("femur",)).bones["femur"])
        assert np.ptp(femur[:, 2]) == pytest.approx(expected, rel=0.06)


def test_bones_and_skin_agree_about_where_the_leg_is():
    skin = ADULT.skin
    bones = points([b for n in LEG for b in ADULT.bones[n]])
    assert (bones.min(0) > skin.min(0)).all()
    assert (bones[:, :2].max(0) < skin[:, :2].max(0)).all()


def test_a_baby_has_no_patella_and_a_child_has_open_growth_plates():
    baby = leg.leg(person(1, height=0.75), Seed("p")).bones
    child = leg.leg(person(9, height=1.33), Seed("p")).bones
    assert baby["patella"] == []
    assert baby["navicular"] == []
    assert len(baby["calcaneus"]) == 1
    assert len(child["patella"]) == 1
    assert len(child["femur"]) == 4
    assert len(child["hip"]) == 3
    assert len(ADULT.bones["femur"]) == len(ADULT.bones["hip"]) == 1


def test_girls_join_their_growth_plates_before_boys():
    girl, boy = (leg.leg(person(16, s, 1.65), Seed("p"), names=("tibia",)).bones["tibia"] for s in "FM")
    assert len(girl) == 1
    assert len(boy) == 3


@pytest.mark.parametrize("place", sorted(leg_breaks.BREAKS))
def test_a_break_keeps_the_bone_and_moves_part_of_it_by_how_bad_it_is(place):
    def parts(amount):
        edit = Edit("fracture", place, "R", amount, 7)
        return leg.leg(person(), Seed("p"), [edit]).bones

    name = leg_breaks.BREAKS[place][0].bone
    slight, bad = parts(0.1), parts(1.0)
    assert len(bad[name]) > len(ADULT.bones[name])
    for b in bad[name]:
        assert is_closed(b.triangles)
    total = sum(bone.volume_mm3(b.vertices, b.triangles) for b in bad[name])
    whole = sum(bone.volume_mm3(b.vertices, b.triangles) for b in ADULT.bones[name])
    assert total == pytest.approx(whole, rel=0.01)
    moved = [np.abs(x[name][1].vertices.mean(0) - bad[name][1].vertices.mean(0)).max() for x in (slight,)]
    assert moved[0] > 0.5


def test_a_break_is_on_its_side_only():
    edit = Edit("fracture", "ankle", "L", 1.0, 7)
    assert len(leg.leg(person(), Seed("p"), [edit], "R").bones["fibula"]) == 1
    assert len(leg.leg(person(), Seed("p"), [edit], "L").bones["fibula"]) == 2


def test_a_pelvis_breaks_one_hip_if_nobody_says_which():
    whole = leg_pelvis.pelvis_bones(person(), Seed("p"), [Edit("fracture", "femoral neck", "", 0.8, 7)])
    assert sorted(len(x.bones["femur"]) for x in (whole.right, whole.left)) == [1, 2]


def test_the_landmarks_of_the_sacrum_lie_between_the_hips_and_look_up_and_forward():
    at = ADULT.at
    assert abs(at["s1"][0]) < 4
    assert 80 < at["s1"][2] < 140
    x, y, z = (u - s for u, s in zip(at["s1_up"], at["s1"], strict=True))
    assert abs(x) < 1
    assert 0.4 < -y / z < 1.4


@pytest.mark.parametrize("name", REGIONS)
def test_every_view_has_a_scene_whose_meshes_are_closed_and_in_the_picture(name):
    region = plugs.load(Region)[name]
    assert region.paired == (name != "pelvis")
    body = region.build(person(), Seed("p"), ())
    for pose in POSES[name]:
        scene = body.scene(pose, "R")
        assert {"skin", "lean", "bone", "marrow"} <= set(scene.surfaces)
        for what, s in scene.surfaces.items():
            assert np.isfinite(s.vertices).all(), what
            assert is_closed(s.triangles), what
        inside = np.abs(scene.surfaces["bone"].vertices - np.array(scene.aim)) < max(scene.size_mm) / 2
        assert inside.all(axis=1).mean() > 0.2


@pytest.mark.parametrize("name", [r for r in REGIONS if r != "pelvis"])
def test_a_left_limb_mirrors_the_right(name):
    body = plugs.load(Region)[name].build(person(), Seed("p"), ())
    right, left = body.scene("ap", "R"), body.scene("ap", "L")
    assert left.aim == (-right.aim[0], *right.aim[1:])
    if name != "hip":
        assert np.array_equal(left.surfaces["bone"].vertices[:, 0], -right.surfaces["bone"].vertices[:, 0])
        assert bone.volume_mm3(left.surfaces["bone"].vertices, left.surfaces["bone"].triangles) > 0


def test_the_same_patient_has_the_same_leg_twice():
    again = leg.leg(person(), Seed("p"))
    assert np.array_equal(points(again.bones["tibia"]), points(ADULT.bones["tibia"]))
    assert np.array_equal(again.skin, ADULT.skin)


def test_osteoarthritis_grows_spurs_and_dense_bone_and_keeps_the_meshes_closed():
    worn = leg.leg(person(), Seed("p"), (Edit("arthritis", "knee", "R", 1.0),), names=("femur", "tibia"))
    for name in ("femur", "tibia"):
        sound, ill = ADULT.bones[name][0], worn.bones[name][0]
        assert is_closed(ill.triangles)
        cortex = [
            bone.volume_mm3(b.vertices, b.triangles) - bone.volume_mm3(b.inner, b.triangles)
            for b in (sound, ill)
        ]
        assert cortex[1] > cortex[0] + 500
        assert bone.volume_mm3(ill.vertices, ill.triangles) > bone.volume_mm3(sound.vertices, sound.triangles)


def test_an_ankle_swells_over_its_break():
    edits = (Edit("fracture", "ankle", "R", 0.8),)
    skin, muscle = leg_soft.swelling(ADULT, edits)
    assert 8 < np.abs(skin - ADULT.skin).max() < 25
    assert bone.volume_mm3(skin, ADULT.triangles) > bone.volume_mm3(ADULT.skin, ADULT.triangles)
    assert np.abs(muscle - ADULT.muscle).max() < np.abs(skin - ADULT.skin).max()
