"""The torso as surfaces: closed, outward, in the patient's own shape and pose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fhir2dicom.anatomy.scene_findings import skin
from fhir2dicom.anatomy.torso import build
from fhir2dicom.model import Body, Person, Scene, Shape, Surface
from fhir2dicom.seed import Seed

MAN = Person("man", "M", 40.0, 1.78, 76.0)
WOMAN = Person("woman", "F", 45.0, 1.66, 66.0)
SPAN_MM = (20.0, 330.0)


def body(person: Person = MAN, shapes: tuple[Shape, ...] = ()) -> Body:
    return build(person, Seed("test").child("patient", person.key), shapes, SPAN_MM)


@pytest.fixture(scope="module")
def standing() -> Scene:
    return body().scene("arms-down")


def volume_cm3(surface: Surface) -> float:
    v, t = surface.vertices.astype(np.float64), surface.triangles
    return float((v[t[:, 0]] * np.cross(v[t[:, 1]], v[t[:, 2]])).sum() / 6000)


@pytest.mark.parametrize("pose", ["arms-down", "arms-up", "supine"])
@pytest.mark.parametrize("person", [MAN, WOMAN], ids=lambda p: p.key)
def test_every_surface_is_closed_and_faces_out(person, pose):
    for name, surface in body(person).scene(pose).surfaces.items():
        t = surface.triangles.astype(np.int64)
        edges = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
        n = len(surface.vertices)
        there, back = (
            np.unique(edges[:, a] * n + edges[:, b], return_counts=True) for a, b in ((0, 1), (1, 0))
        )
        assert np.array_equal(there[0], back[0]), name
        assert np.array_equal(there[1], back[1]), name
        assert volume_cm3(surface) > 0, name


def test_lungs_hold_what_lungs_hold(standing):
    both = sum(volume_cm3(standing.surfaces[n]) for n in ("lung_r", "lung_l"))
    assert 2500 < both < 6500
    assert volume_cm3(standing.surfaces["lung_r"]) > volume_cm3(standing.surfaces["lung_l"])


def test_the_right_lung_is_on_the_right_and_the_stomach_s_gas_on_the_left(standing):
    assert standing.surfaces["lung_r"].vertices[:, 0].mean() < -40
    assert standing.surfaces["lung_l"].vertices[:, 0].mean() > 40
    assert standing.surfaces["bubble"].vertices[:, 0].min() > 0


def test_the_fluid_under_the_stomach_s_gas_is_level(standing):
    height = standing.surfaces["bubble"].vertices[:, 2]
    assert np.count_nonzero(height == height.min()) > 20


def test_marrow_lies_inside_the_bone(standing):
    bone, marrow = standing.surfaces["bone"], standing.surfaces["marrow"]
    assert 0.3 * volume_cm3(bone) < volume_cm3(marrow) < 0.9 * volume_cm3(bone)


def test_bone_outweighs_flesh_and_thins_with_age():
    young, old = (body(replace(WOMAN, age_years=a)).scene("supine").surfaces for a in (25.0, 85.0))
    for name in ("bone", "marrow"):
        assert sum(young[n].weight for n in ("bone", "marrow")) > sum(
            old[n].weight for n in ("bone", "marrow")
        ), name
    assert young["bone"].weight > 0.6


def test_arms_hang_when_down_and_leave_a_lateral_film_when_up():
    down, up = (body().scene(p).surfaces["bone"].vertices for p in ("arms-down", "arms-up"))
    lungs = body().scene("arms-up").surfaces["lung_l"].vertices
    assert np.abs(down[:, 0]).max() > 170
    middle = (lungs[:, 2].min() + lungs[:, 2].max()) / 2
    limbs = up[np.abs(up[:, 0]) > np.abs(lungs[:, 0]).max() + 25]
    assert not len(limbs) or limbs[:, 2].min() > middle


def test_only_a_grown_woman_who_stands_with_arms_down_has_hanging_breasts():
    assert "breast_l" in body(WOMAN).scene("arms-down").surfaces
    for pose in ("supine", "arms-up"):
        assert "breast_l" not in body(WOMAN).scene(pose).surfaces
    assert "breast_l" not in body(MAN).scene("arms-down").surfaces
    girl = Person("girl", "F", 8.0, 1.28, 26.0)
    assert "breast_l" not in body(girl).scene("arms-down").surfaces


def test_who_lies_has_breathed_in_less_than_who_stands(standing):
    lying = body().scene("supine").surfaces
    for name in ("lung_r", "lung_l"):
        assert volume_cm3(lying[name]) < 0.95 * volume_cm3(standing.surfaces[name])
        assert lying[name].vertices[:, 2].min() > standing.surfaces[name].vertices[:, 2].min() + 10


def test_no_two_collar_bones_are_mirror_images():
    bone = body().scene("arms-down").surfaces["bone"].vertices
    top = [bone[(bone[:, 0] * side > 60) & (bone[:, 0] * side < 110), 2].max() for side in (-1, 1)]
    assert abs(top[0] - top[1]) > 0.2


def test_a_grown_woman_s_breasts_hold_the_glands_that_her_ct_has():
    assert body(WOMAN).scene("arms-up").surfaces["gland"].weight > 0
    assert "gland" not in body(MAN).scene("arms-up").surfaces


def test_a_finding_is_a_surface_of_the_volume_that_its_shape_has():
    lump = Shape("tumour", (-70.0, 190.0, 210.0), (14.0, 12.0, 10.0), ("lung",), roughness=0.2, key=5)
    person = replace(MAN, key="lump")
    found = body(person, (lump,)).scene("arms-down").surfaces["finding_0"]
    corners = np.array([(0, 0, 0), *np.eye(3) * 6], np.float32) + np.array(lump.center_mm, np.float32)
    moved = body(person).warp.to_patient(corners).astype(float)  # type: ignore[attr-defined]
    scale = float(np.linalg.det(moved[1:] - moved[0])) / 6**3
    wanted = 4 / 3 * np.pi * 14 * 12 * 10 / 1000 * scale
    assert volume_cm3(found) == pytest.approx(wanted, rel=0.25)
    assert found.weight > 0.7
    assert found.vertices[:, 0].max() < 0


def test_a_skinned_ball_of_voxels_keeps_its_volume():
    z, y, x = np.mgrid[:30, :30, :30] - 14.5
    mask = x * x + y * y + z * z < 100
    vertices, triangles = skin(mask)
    surface = Surface(vertices, triangles, 1.0)
    assert volume_cm3(surface) == pytest.approx(mask.sum() / 1000, rel=0.03)
    assert np.allclose((vertices.min(0) + vertices.max(0)) / 2, 14.5, atol=0.2)


def test_the_same_person_is_the_same_to_the_byte():
    a, b = (body(WOMAN).scene("arms-down") for _ in range(2))
    for name, surface in a.surfaces.items():
        assert surface.vertices.tobytes() == b.surfaces[name].vertices.tobytes(), name
    assert a.tubes["vessels"].start.tobytes() == b.tubes["vessels"].start.tobytes()


def test_two_persons_differ_by_more_than_their_size():
    a, b = (
        body(Person(k, "M", 40.0, 1.78, 76.0)).scene("arms-down").surfaces["lung_r"].vertices
        for k in ("one", "two")
    )
    assert np.abs(a - b).max() > 3


def test_leads_of_a_monitor_lie_on_bedside_films_only():
    people = [Person(f"watched {k}", "M", 60.0, 1.75, 80.0) for k in range(4)]
    seen = {
        p: [n for b in people for n in body(b).scene(p).tubes if n.startswith("device")]
        for p in ("bedside", "supine")
    }
    assert seen["bedside"]
    assert not seen["supine"]
