"""Bones: closed meshes that are cut, moved and mirrored without losing or doubling matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fhir2dicom.anatomy.bone import (
    Bone,
    Centre,
    Plate,
    centres,
    cut,
    joined,
    lost,
    mirrored,
    moved,
    nucleus,
    plates,
    surfaces,
    thinned,
    transformed,
    turned,
    volume_mm3,
)
from fhir2dicom.model import Edit, Person


def capsule(rings: int = 40, around: int = 24) -> Bone:
    """A long bone of sorts: 20 mm across, 100 mm long, cortex 2 mm, along z."""
    z = np.linspace(-50, 50, rings)
    radius = 10 * np.sqrt(np.clip(1 - (np.abs(z) / 50.5) ** 6, 0.01, 1))
    angle = np.arange(around) * 2 * np.pi / around
    v = [[r * np.cos(a), r * np.sin(a), h] for r, h in zip(radius, z, strict=True) for a in angle]
    v += [[0, 0, -50.2], [0, 0, 50.2]]
    t = []
    for i in range(rings - 1):
        for k in range(around):
            a, b = i * around + k, i * around + (k + 1) % around
            t += [[a, b, a + around], [b, b + around, a + around]]
    last = (rings - 1) * around
    for k in range(around):
        t += [[(k + 1) % around, k, rings * around], [last + k, last + (k + 1) % around, rings * around + 1]]
    outer = np.array(v, np.float32)
    return Bone("rod", outer, outer * np.array((0.8, 0.8, 0.97), np.float32), np.array(t, np.int32))


def person(age: float, sex: str = "M") -> Person:
    return Person(key="p", sex=sex, age_years=age, height_m=1.7, weight_kg=70)


def is_closed(bone: Bone) -> bool:
    edges = np.concatenate([bone.triangles[:, [k, (k + 1) % 3]] for k in range(3)]).astype(np.int64)
    forth = np.sort(edges[:, 0] * 10**6 + edges[:, 1])
    back = np.sort(edges[:, 1] * 10**6 + edges[:, 0])
    return bool((forth == back).all())


ROD = capsule()


def test_the_rod_of_these_tests_is_closed_and_looks_outward():
    assert is_closed(ROD)
    assert volume_mm3(ROD.vertices, ROD.triangles) > 25_000


@pytest.mark.parametrize("normal", [(0, 0, 1), (0.5, 0.2, 1), (1, 0, 0), (0, -1, 0.1)])
@pytest.mark.parametrize("roughness", [0.0, 2.0])
def test_both_parts_of_a_cut_bone_are_closed_and_together_are_the_bone(normal, roughness):
    below, above = cut(ROD, (0.3, 0.2, 4.0), normal, roughness, 77)
    for part in (below, above):
        assert is_closed(part)
        assert volume_mm3(part.vertices, part.triangles) > 1000
    for face in ("vertices", "inner"):
        parts = sum(volume_mm3(getattr(p, face), p.triangles) for p in (below, above))
        assert parts == pytest.approx(volume_mm3(getattr(ROD, face), ROD.triangles), rel=1e-5)


def test_above_lies_where_the_normal_points():
    below, above = cut(ROD, (0, 0, 10), (0, 0, 1))
    assert below.vertices[:, 2].max() == pytest.approx(10, abs=1e-4)
    assert above.vertices[:, 2].min() == pytest.approx(10, abs=1e-4)


def test_a_rough_cut_leaves_the_plane_by_about_its_roughness_and_differs_with_its_key():
    below, _ = cut(ROD, (0, 0, 10), (0, 0, 1), 2.0, 1)
    other, _ = cut(ROD, (0, 0, 10), (0, 0, 1), 2.0, 2)
    assert 0.3 < below.vertices[:, 2].max() - 10 < 3.0
    assert below.vertices[:, 2].max() != other.vertices[:, 2].max()


def test_a_cut_that_misses_leaves_one_part_whole_and_the_other_empty():
    below, above = cut(ROD, (0, 0, 80), (0, 0, 1))
    assert volume_mm3(below.vertices, below.triangles) == pytest.approx(
        volume_mm3(ROD.vertices, ROD.triangles), rel=1e-6
    )
    assert len(above.triangles) == 0


def test_a_bone_with_two_legs_is_closed_at_both_stumps():
    legs = joined([ROD, moved(ROD, np.array([[1.0, 0, 0, 40], [0, 1, 0, 0], [0, 0, 1, 0]]))], "legs")
    below, above = cut(legs, (0, 0, 0), (0, 0, 1), 1.0, 5)
    assert is_closed(below)
    assert is_closed(above)


def test_a_plate_lays_compact_bone_on_the_cut_faces():
    bare = cut(ROD, (0, 0, 0), (0, 0, 1))
    plated = cut(ROD, (0, 0, 0), (0, 0, 1), plate_mm=1.0)
    for before, after in zip(bare, plated, strict=True):
        lost = volume_mm3(before.inner, before.triangles) - volume_mm3(after.inner, after.triangles)
        assert lost == pytest.approx(np.pi * 64, rel=0.1)


def test_a_rigid_move_keeps_lengths_and_a_mirrored_bone_still_looks_outward():
    there = moved(ROD, turned((1, 2, 3), (0.6, 0.8), (5, 6, 7), (1, 2, 3)))
    assert volume_mm3(there.vertices, there.triangles) == pytest.approx(
        volume_mm3(ROD.vertices, ROD.triangles), rel=1e-5
    )
    other = mirrored(ROD)
    assert volume_mm3(other.vertices, other.triangles) > 0
    assert is_closed(other)
    assert np.array_equal(mirrored(other).vertices, ROD.vertices)


def test_a_turn_by_a_quarter_about_z_takes_x_to_y():
    turn = turned((0, 0, 1), (0.0, 1.0), (0, 0, 0))
    assert transformed(np.array([[1, 0, 5]], np.float32), turn)[0] == pytest.approx((0, 1, 5), abs=1e-6)


def test_a_thinned_bone_keeps_its_outside_and_its_share_of_cortex():
    thin = thinned(ROD, 0.5)
    assert np.array_equal(thin.vertices, ROD.vertices)
    assert thin.vertices - thin.inner == pytest.approx((ROD.vertices - ROD.inner) * 0.5, abs=1e-5)


def test_the_old_and_the_young_have_less_bone_than_the_grown():
    def load(age, sex="M"):
        s = surfaces([ROD], person(age, sex))
        return s["bone"].weight, s["bone"].weight + s["marrow"].weight

    (young, _), (grown_cortex, grown_marrow), (_, old_marrow) = load(2), load(30), load(85)
    assert young < grown_cortex
    assert old_marrow < grown_marrow < grown_cortex
    assert load(70, "F")[1] < load(70, "M")[1]


ROW = Plate("rod", (0, 0, 35), (0, 0, 1), appears=(1.0, 0.5), fills=(9.0, 8.0), closes=(17.0, 15.0))


def test_a_growth_plate_is_a_gap_between_two_closed_parts_until_it_closes():
    shaft, head = plates(ROD, person(12), [ROW], 3)
    assert is_closed(shaft)
    assert is_closed(head)
    assert head.vertices[:, 2].min() > shaft.vertices[:, 2].max() - 3
    filled = sum(volume_mm3(p.vertices, p.triangles) for p in (shaft, head))
    assert 1.5 < (volume_mm3(ROD.vertices, ROD.triangles) - filled) / (np.pi * 100) < 3.0
    assert plates(ROD, person(18), [ROW], 3) == [ROD]


def test_girls_are_ahead_of_boys_and_a_nucleus_is_unseen_before_it_appears():
    assert len(plates(ROD, person(0.7, "M"), [ROW])) == 1
    assert len(plates(ROD, person(0.7, "F"), [ROW])) == 2
    assert plates(ROD, person(16, "F"), [ROW]) == [ROD]
    assert len(plates(ROD, person(16, "M"), [ROW])) == 2


def test_a_nucleus_grows_with_age_until_it_is_the_bone():
    rows = [Centre("rod", (3.0, 2.0), (9.0, 8.0))]
    assert centres([ROD], person(2), rows) == []
    sizes = [np.ptp(centres([ROD], person(a), rows)[0].vertices[:, 2]) for a in (3.1, 5, 8)]
    assert sizes == sorted(sizes)
    assert centres([ROD], person(10), rows) == [ROD]
    assert is_closed(nucleus(ROD, 0.4))


def test_a_canal_is_cut_moved_and_drawn_with_its_bone():
    hollow = replace(ROD, canal=(ROD.inner * np.array((0.5, 0.5, 0.8), np.float32)))
    below, above = cut(hollow, (0, 0, 5), (0, 0, 1), 1.0, 3)
    assert below.canal is not None
    assert above.canal is not None
    held = sum(volume_mm3(p.canal, p.triangles) for p in (below, above))
    assert held == pytest.approx(volume_mm3(hollow.canal, hollow.triangles), rel=1e-5)
    drawn = surfaces([ROD, hollow], person(30))
    assert set(drawn) == {"bone", "marrow", "canal"}
    assert drawn["canal"].weight < 0
    assert len(drawn["canal"].vertices) == len(ROD.vertices)


def test_osteoporosis_thins_the_cortex_and_empties_the_spongiosa():
    sound = surfaces([ROD], person(40))
    ill = surfaces([ROD], person(40), lost=lost((Edit("osteoporosis", amount=0.8),)))
    inside = [volume_mm3(s["marrow"].vertices, s["marrow"].triangles) for s in (sound, ill)]
    left = [s["bone"].weight + s["marrow"].weight for s in (sound, ill)]
    assert inside[0] < inside[1] < volume_mm3(ill["bone"].vertices, ill["bone"].triangles)
    assert left[0] > left[1] + 0.05
    assert lost((Edit("fracture", "hip"),)) == 0.0
