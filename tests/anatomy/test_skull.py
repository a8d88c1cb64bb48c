"""Head films: the skull is that of the head CT, closed, of its age, and opens and breaks where it is told to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from fhir2dicom.anatomy import head_scene
from fhir2dicom.anatomy.bone import F32, load, meshes, volume_mm3
from fhir2dicom.anatomy.face import FACE
from fhir2dicom.anatomy.head import atlas, head
from fhir2dicom.anatomy.head_tissues import CODES
from fhir2dicom.anatomy.head_warp import head_warp
from fhir2dicom.anatomy.mandible import MANDIBLE
from fhir2dicom.anatomy.skull import SKULL
from fhir2dicom.anatomy.skull_frame import Frame
from fhir2dicom.model import Edit, Person, Scene
from fhir2dicom.seed import Seed

SEED = Seed("skull", ("tests",))


def person(age: float, sex: str = "F") -> Person:
    height = min(0.75 + 0.06 * age, 1.7)
    return Person("key", "M" if sex == "M" else "F", age, height, 22 * height * height)


def scene(age: float = 30.0, pose: str = "pa", part: str = "mandible", *edits: Edit) -> Scene:
    return head_scene.build(person(age), SEED, edits, part).scene(pose)


def open_edges(triangles: npt.NDArray[np.int32]) -> int:
    directed = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    keys = directed[:, 0].astype(np.int64) * (1 << 32) + directed[:, 1]
    back = directed[:, 1].astype(np.int64) * (1 << 32) + directed[:, 0]
    return len(np.setxor1d(keys, back))


@pytest.mark.parametrize(
    "edits", [(), (Edit("fracture", "mandible_angle", "L", 0.8, 5),)], ids=["whole", "broken"]
)
def test_every_surface_of_a_head_is_closed(edits: tuple[Edit, ...]) -> None:
    made = scene(30.0, "pa", "mandible", *edits)
    assert {n: k for n, s in made.surfaces.items() if (k := open_edges(s.triangles))} == {}


def test_the_vault_of_the_film_is_the_vault_of_the_ct() -> None:
    whole = atlas()
    v = meshes("skull")["skull"][0]
    vault = v[(v[:, 2] > 5) & (v[:, 2] < 70)]
    index = np.rint(vault - np.array(whole.origin)).astype(int)
    bone = np.zeros(whole.labels.shape, bool)
    for k, tissue in enumerate(CODES):
        if tissue.name in {"cortical", "diploe"} or tissue.name.startswith(("csf_bone", "soft_bone")):
            bone |= whole.labels == k
    near = np.zeros(len(vault), bool)
    for dz, dy, dx in np.ndindex(3, 3, 3):
        near |= bone[index[:, 2] + dz - 1, index[:, 1] + dy - 1, index[:, 0] + dx - 1]
    assert near.mean() > 0.97


def test_points_of_a_film_go_back_to_where_the_ct_reads_them() -> None:
    warp = head_warp(person(40.0), SEED.child("head"))
    rng = np.random.default_rng(1)
    points = rng.uniform((-60, -60, -20), (60, 80, 70), (400, 3)).astype(np.float32)
    placed = Frame(warp, 40.0).place(points).astype(np.float64)
    r = np.array(warp.rotation).reshape(3, 3)
    x, y, z = (placed @ r).T  # a film's head is not nodded; the CT's map undoes a nod
    back = np.stack(warp.to_atlas(x, y, z), axis=1)
    straight = np.abs(points[:, 0]) > 45  # away from the ventricles, which the CT widens
    assert np.abs(back - points)[straight].max() < 0.15


def test_the_head_region_has_the_scene_of_the_skull_too() -> None:
    sections = head(person(30.0), SEED, ())
    film = SKULL.build(person(30.0), SEED, ())
    one, other = sections.scene("lateral"), film.scene("lateral")
    assert np.array_equal(one.surfaces["bone_skull"].vertices, other.surfaces["bone_skull"].vertices)


@pytest.mark.parametrize("region", [SKULL, FACE, MANDIBLE], ids=lambda r: str(r.name))
def test_each_region_says_what_its_films_are_aimed_at(region: head_scene.Plain) -> None:
    made = region.build(person(30.0), SEED, ()).scene("pa")  # type: ignore[attr-defined]
    assert made.aim is not None
    assert made.size_mm is not None
    assert 120 < made.size_mm[0] < made.size_mm[1] * 1.3 < 400


def _height(v: F32) -> float:
    return float(v[:, 2].max() - v[:, 2].min())


def test_a_childs_face_is_small_beside_its_vault() -> None:
    ratio = {}
    for age in (1.0, 6.0, 30.0):
        made = scene(age)
        vault = made.surfaces["bone_skull"].vertices
        top, chin = float(vault[:, 2].max()), float(made.surfaces["bone_jaw"].vertices[:, 2].min())
        brow = made.aim[2] + 60 if made.aim else 0.0
        ratio[age] = _height(made.surfaces["bone_jaw"].vertices) / (top - chin)
        assert brow > chin
    assert ratio[1.0] < ratio[6.0] < ratio[30.0]


def test_an_infants_vault_is_thin_and_its_sutures_wide() -> None:
    def thickness(age: float) -> float:
        s = scene(age).surfaces["bone_skull"]
        v = s.vertices
        return volume_mm3(v, s.triangles) / (_height(v) ** 2)

    assert thickness(1.0) < 0.72 * thickness(30.0)
    young, old = scene(1.0), scene(85.0)
    assert young.tubes["coronal"].start_radius_mm[0] > 2.5 * old.tubes["coronal"].start_radius_mm[0]
    assert "marrow_fontanelle" in young.surfaces
    assert "marrow_fontanelle" not in scene(3.0).surfaces


def test_there_is_no_frontal_sinus_before_six() -> None:
    assert scene(5.0).surfaces["air_frontal"].weight > 0
    assert scene(30.0).surfaces["air_frontal"].weight < -1


def test_nobody_under_a_year_has_teeth_and_a_six_year_old_has_both_sets() -> None:
    assert "teeth" not in scene(0.5).surfaces
    assert len(scene(6.0).surfaces["teeth"].vertices) > len(scene(30.0).surfaces["teeth"].vertices)


@pytest.mark.parametrize("place", ["condyle", "angle", "body", "symphysis"])
def test_a_break_moves_bone_and_adds_none(place: str) -> None:
    whole = scene().surfaces["bone_jaw"]
    broken = scene(30.0, "pa", "mandible", Edit("fracture", f"mandible_{place}", "R", 0.9, 3)).surfaces[
        "bone_jaw"
    ]
    before = volume_mm3(whole.vertices, whole.triangles)
    assert volume_mm3(broken.vertices, broken.triangles) == pytest.approx(before, rel=0.02)
    right, left = (np.array([p for p in s.vertices if p[0] > 8]) for s in (whole, broken))
    assert abs(_height(right) - _height(left)) < 1.0  # the left half stays


def test_a_dislocated_jaw_has_its_condyles_in_front_and_the_mouth_open() -> None:
    closed = scene().surfaces["bone_jaw"].vertices
    out = (
        scene(30.0, "pa", "mandible", Edit("dislocation", "temporomandibular", "B", 0.8, 3))
        .surfaces["bone_jaw"]
        .vertices
    )
    condyles = [v[np.argsort(-v[:, 2])[:40]] for v in (closed, out)]
    assert condyles[1][:, 1].mean() < condyles[0][:, 1].mean() - 8
    assert out[:, 2].min() < closed[:, 2].min() - 15


def test_a_crack_is_on_its_side() -> None:
    for side, sign in (("R", -1), ("L", 1)):
        made = scene(30.0, "lateral", "skull", Edit("fracture", "skull", side, 0.6, 9))  # type: ignore[arg-type]
        assert (made.tubes["fracture_0"].start[:, 0] * sign > 0).all()


def test_bones_of_the_neck_lie_one_below_the_other() -> None:
    stored = load("skull")
    heights = [float(stored[f"C{k}"].vertices[:, 2].mean()) for k in range(1, 8)]
    assert heights == sorted(heights, reverse=True)
    assert all(
        volume_mm3(b.vertices, b.triangles) > volume_mm3(b.inner, b.triangles) > 0 for b in stored.values()
    )


def test_the_same_person_has_the_same_head_twice() -> None:
    a, b = scene(12.0), scene(12.0)
    assert all(np.array_equal(a.surfaces[n].vertices, b.surfaces[n].vertices) for n in a.surfaces)
