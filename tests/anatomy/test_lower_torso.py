"""The belly and the lower back on films: everything closed, in its place, and one with the chest."""

from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom.anatomy import bone, lower_torso, torso_scene
from fhir2dicom.anatomy.abdomen import abdomen
from fhir2dicom.anatomy.lumbar_spine import lumbar_spine
from fhir2dicom.anatomy.torso import build
from fhir2dicom.model import Edit, Person, Scene, Surface
from fhir2dicom.seed import Seed

SEED = Seed("belly").child("patient", "a")
PERSONS = {
    "man": Person("a", "M", 45.0, 1.78, 80.0),
    "woman": Person("b", "F", 62.0, 1.60, 98.0),
    "child": Person("c", "F", 6.0, 1.15, 20.0),
    "thin": Person("d", "F", 85.0, 1.53, 42.0),
}


def scene(name: str, pose: str) -> Scene:
    return abdomen(PERSONS[name], SEED, ()).scene(pose)


def volume(surface: Surface) -> float:
    return bone.volume_mm3(surface.vertices, surface.triangles)


def is_closed(triangles: np.ndarray) -> bool:
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]).astype(
        np.int64
    )
    there, back = edges[:, 0] * 10**6 + edges[:, 1], edges[:, 1] * 10**6 + edges[:, 0]
    return bool(np.array_equal(np.sort(there), np.sort(back)))


@pytest.mark.parametrize("pose", ["supine", "erect", "left-decubitus"])
@pytest.mark.parametrize("name", PERSONS)
def test_every_surface_of_a_belly_is_closed_and_has_an_inside(name: str, pose: str) -> None:
    for what, surface in scene(name, pose).surfaces.items():
        assert is_closed(surface.triangles), what
        assert volume(surface) > 0, what


@pytest.mark.parametrize("name", PERSONS)
def test_a_belly_film_shows_the_symphysis_and_the_lowest_ribs(name: str) -> None:
    made = scene(name, "supine")
    assert made.aim is not None
    assert made.size_mm is not None
    low, high = made.aim[2] - made.size_mm[1] / 2, made.aim[2] + made.size_mm[1] / 2
    body = abdomen(PERSONS[name], SEED, ())
    twelfth = body.warp.to_patient(torso_scene.atlas()["rib_12_l"].vertices)[:, 2]
    pubis = min(b.vertices[:, 2].min() for b in lower_torso.bones(body)[0] if b.name == "hip")
    assert high > twelfth.max()
    assert low < pubis + 45


def test_gas_is_over_fluid_in_who_stands_and_fills_the_bowel_of_who_lies() -> None:
    lying, standing = scene("man", "supine").surfaces, scene("man", "erect").surfaces
    gas = [n for n in lying if n.startswith("bowel_gas")]
    assert gas
    assert gas == [n for n in standing if n.startswith("bowel_gas")]
    assert sum(volume(standing[n]) for n in gas) < 0.8 * sum(volume(lying[n]) for n in gas)
    for name in gas:
        z = standing[name].vertices[:, 2]
        assert np.count_nonzero(z == z.min()) > 10, name  # the level


def test_the_fifth_lumbar_vertebra_stands_on_the_sacrum() -> None:
    """Neither apart by more than a disc nor in each other by more than the fit's slack."""
    body = lumbar_spine(PERSONS["man"], SEED, ())
    fifth = body.warp.to_patient(bone.load("lower_torso")["lumbar_5"].vertices)
    sacrum = next(b for b in lower_torso.bones(body)[0] if b.name == "sacrum").vertices
    front = fifth[fifth[:, 1] < fifth[:, 1].min() + 30]
    nearest = min(float(np.sqrt(((sacrum - p) ** 2).sum(1)).min()) for p in front[::5])
    assert nearest < 12


def test_the_belly_is_of_the_same_body_as_the_chest() -> None:
    person = PERSONS["man"]
    belly = abdomen(person, SEED, ())
    chest = build(person, SEED, (), (44.0, 328.0))
    points = torso_scene.atlas()["rib_11_r"].vertices
    assert np.array_equal(belly.warp.to_patient(points), chest.warp.to_patient(points))


def test_a_coil_lies_between_the_hips() -> None:
    coil = Edit("device", "intrauterine-device", key=5)
    plain, with_coil = (abdomen(PERSONS["woman"], SEED, g) for g in ((), (coil,)))
    wires = {n: t for n, t in with_coil.scene("supine").tubes.items() if n.startswith("device")}
    assert wires
    assert not [n for n in plain.scene("supine").tubes if n.startswith("device")]
    hips = np.concatenate([b.vertices for b in lower_torso.bones(with_coil)[0] if b.name == "hip"])
    for tubes in wires.values():
        assert (tubes.start > hips.min(0)).all()
        assert (tubes.start < hips.max(0)).all()


def test_a_belly_is_the_same_each_time() -> None:
    one, two = scene("woman", "supine"), scene("woman", "supine")
    assert one.aim == two.aim
    for name in one.surfaces:
        assert np.array_equal(one.surfaces[name].vertices, two.surfaces[name].vertices)


def test_an_artificial_hip_of_the_legs_films_is_on_the_belly_film_too() -> None:
    made = abdomen(PERSONS["woman"], SEED, [Edit("prosthesis", "hip", "R", key=4)]).scene("supine")
    heads = [s for n, s in made.surfaces.items() if n.startswith("head")]
    assert len(heads) == 1
    assert heads[0].weight > 5.5
    assert heads[0].vertices[:, 0].max() < -40


@pytest.mark.parametrize("name", PERSONS)
def test_no_bone_of_the_pelvis_leaves_the_skin(name: str) -> None:
    body = abdomen(PERSONS[name], SEED, ())
    skin = body.scene("supine").surfaces["skin"].vertices
    for part in (b for b in lower_torso.bones(body)[0] if b.name in {"hip", "sacrum"}):
        for low in np.arange(part.vertices[:, 2].min(), part.vertices[:, 2].max(), 15.0):
            inside = part.vertices[np.abs(part.vertices[:, 2] - low) < 8]
            around = skin[np.abs(skin[:, 2] - low) < 12]
            assert inside[:, 0].min() > around[:, 0].min() + 4
            assert inside[:, 0].max() < around[:, 0].max() - 4
            assert inside[:, 1].max() < around[:, 1].max() - 3
