"""Films of the spine and the ribs: one trunk, a neck that stands on it, a vertebra that gives way."""

from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom.anatomy import neck_scene, torso_scene
from fhir2dicom.anatomy.bone import Bone
from fhir2dicom.anatomy.cervical_spine import CERVICAL_SPINE
from fhir2dicom.anatomy.chest import CHEST
from fhir2dicom.anatomy.lumbar_spine import LUMBAR_SPINE
from fhir2dicom.anatomy.ribs import RIBS
from fhir2dicom.anatomy.spine_edits import compressed
from fhir2dicom.anatomy.thoracic_spine import THORACIC_SPINE
from fhir2dicom.model import Edit, Person
from fhir2dicom.seed import Seed

SEED = Seed("spine", ("tests",))
ADULT = Person("key", "M", 40.0, 1.78, 76.0)
CHILD = Person("key", "F", 8.0, 1.28, 26.0)


@pytest.mark.parametrize("person", [ADULT, CHILD], ids=["adult", "child"])
def test_the_neck_stands_on_the_trunk_without_a_gap_or_a_second_layer(person: Person) -> None:
    made = CERVICAL_SPINE.build(person, SEED, ()).scene("ap")
    neck, drawn = made.surfaces["bone_neck"].vertices, made.surfaces["bone_trunk"]
    trunk = drawn.vertices[np.unique(drawn.triangles)]
    spine = trunk[np.abs(trunk[:, 0]) < 12]
    gap = float(neck[:, 2].min() - spine[:, 2].max())
    assert -22 < gap < 8  # the seventh vertebra's spine hangs behind the first thoracic one
    skin = made.surfaces["skin"]
    length = float(skin.vertices[:, 2].max() - skin.vertices[:, 2].min())
    assert length > 350 * person.height_m / 1.78


def test_both_skins_are_as_wide_where_they_meet() -> None:
    body = CERVICAL_SPINE.build(ADULT, SEED, ())
    skin = body.scene("ap").surfaces["skin"]
    caps = [
        z
        for z in np.unique(np.round(skin.vertices[:, 2], 3))
        if (np.abs(skin.vertices[:, 2] - z) < 0.002).sum() > 60
    ]
    assert caps
    rings = [neck_scene._section(skin, float(caps[0]) + off) for off in (-0.6, 0.6)]
    width = [np.ptp(r, axis=0) for r in rings]
    assert np.abs(width[0] - width[1]).max() < 6.0


def test_spine_and_rib_films_show_the_chest_films_own_bones() -> None:
    chest = CHEST.build(ADULT, SEED, ()).scene("arms-down").surfaces["bone"].vertices
    assert np.array_equal(RIBS.build(ADULT, SEED, ()).scene("ap").surfaces["bone"].vertices, chest)
    lying = CHEST.build(ADULT, SEED, ()).scene("supine").surfaces["bone"].vertices
    spine = THORACIC_SPINE.build(ADULT, SEED, ()).scene("ap")
    assert np.array_equal(spine.surfaces["bone"].vertices, lying)
    assert spine.aim is not None
    assert spine.size_mm is not None
    assert spine.size_mm[1] > 250


def test_a_rib_film_of_one_side_is_aimed_there() -> None:
    right, left = (RIBS.build(ADULT, SEED, ()).scene("ap", side).aim for side in ("R", "L"))  # type: ignore[arg-type]
    assert right is not None
    assert left is not None
    assert right[0] < -30 < 30 < left[0]


def test_a_compressed_vertebra_is_lower_in_front_and_no_other_bone_moves() -> None:
    bones = {
        n: Bone(n, m.vertices, m.inner, m.triangles)
        for n, m in torso_scene.atlas().items()
        if n.startswith("vertebra") and m.inner is not None
    }
    edit = Edit("compression", "vertebra_T12", "", 0.6, 1, {"loss": 0.4})
    after = compressed(bones, [edit])
    assert {n for n in bones if after[n] is not bones[n]} == {"vertebra_32"}
    old, new = bones["vertebra_32"].vertices, after["vertebra_32"].vertices
    front = old[:, 1] < old[:, 1].min() + 6
    assert np.ptp(new[front, 2]) < 0.75 * np.ptp(old[front, 2])
    back = old[:, 1] > old[:, 1].min() + 32
    assert np.array_equal(new[back], old[back])


def test_a_compressed_vertebra_shows_in_the_lumbar_film_too() -> None:
    edit = Edit("compression", "vertebra_L1", "", 0.6, 1, {"loss": 0.4})
    plain, hurt = (
        LUMBAR_SPINE.build(ADULT, SEED, g).scene("lateral").surfaces["bone"].vertices for g in ((), (edit,))
    )
    moved = (np.abs(plain - hurt) > 0.01).any(axis=1)
    assert 20 < moved.sum() < 500


def test_a_compressed_vertebra_shows_in_the_chest_film_too() -> None:
    edit = Edit("compression", "vertebra_T8", "", 0.6, 1, {"loss": 0.4})
    plain, hurt = (
        CHEST.build(ADULT, SEED, g).scene("arms-up").surfaces["bone"].vertices for g in ((), (edit,))
    )
    moved = (np.abs(plain - hurt) > 0.01).any(axis=1)
    assert 20 < moved.sum() < 500
