"""A film can be taken from any side: what it shows, where, and what its header says of it agree."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from film_phantoms import Phantom, bead, box, cylinder, limb, shot

from fhir2dicom.model import Protocol, Scene, Surface
from fhir2dicom.physics import xray, xray_place
from fhir2dicom.physics.xray_names import angles
from fhir2dicom.physics.xray_project import UNIT_PER_MM, add_surface, integrate, new_path
from fhir2dicom.physics.xray_view import TURNS, View, orientation, view_of
from fhir2dicom.seed import Seed

DIRECTIONS = [
    View("AP"), View("PA"), View("LL"), View("RL"), View("AP", turn_deg=38.0), View("PA", turn_deg=-55.0),
    View("AP", tilt_deg=25.0), View("LL", turn_deg=20.0, tilt_deg=-15.0, roll_deg=90.0),
    View("PA", roll_deg=180.0, from_tube=True),
]  # fmt: skip


def placed(scene, view, **settings):
    protocol = Protocol("part", "DX", "forearm", 2048, 2048, settings={"pixel_mm": 0.2, **settings})
    return xray_place.place(scene, view.axes, protocol, Seed("place"))


@pytest.mark.parametrize("view", DIRECTIONS, ids=str)
def test_axes_are_of_length_one_and_at_right_angles(view):
    a = np.array(view.axes)
    assert np.abs(a @ a.T - np.eye(3)).max() < 1e-8
    assert all(round(w, 9) in {w, 0.0} or abs(w) <= 1 for w in a.ravel())


@pytest.mark.parametrize("turn", [0.0, 30.0, 45.0, 90.0, 137.0, 180.0])
@pytest.mark.parametrize("position", sorted(TURNS))
def test_the_path_through_a_cylinder_is_its_diameter_from_every_side(position, turn):
    skin = Surface(*cylinder(30.0, -120.0, 120.0), 1.0)
    scene = Scene({"skin": skin}, {}, (0.0, 0.0, 0.0), (90.0, 90.0))
    camera = placed(scene, View(position, turn_deg=turn)).camera
    path = new_path(camera)
    add_surface(path, camera, skin.vertices, skin.triangles, 1.0)
    integrate(path, 1)
    row, column = camera.rows // 2, camera.columns // 2
    middle = path[row - 2 : row + 2, column - 2 : column + 2] / UNIT_PER_MM
    assert np.abs(middle - 60.0).max() < 0.03


@pytest.mark.parametrize("view", DIRECTIONS, ids=str)
def test_the_aim_is_in_the_middle_and_the_field_as_wide_as_asked(view):
    aim, size = (12.0, -4.0, 30.0), (70.0, 110.0)
    body = limb(aim=aim, size=size)
    place = placed(body.made, view)
    camera = place.camera
    across, down, _ = camera.project(np.array([aim], np.float32))[0]
    assert across == pytest.approx((camera.columns - 1) / 2, abs=0.05)
    assert down == pytest.approx((camera.rows - 1) / 2, abs=0.05)
    corner = np.array(aim) + 35.0 * np.array(view.axes[0]) + 55.0 * np.array(view.axes[1])
    across, down, _ = camera.project(corner[None].astype(np.float32))[0]
    slack = 3.0 / camera.pixel_mm
    assert abs(across - place.shutter[3]) < slack
    assert abs(down - place.shutter[1]) < slack


def beads(*places):
    return [(f"bead {k}", Surface(*bead(*p), 4.0)) for k, p in enumerate(places)]


@pytest.mark.parametrize(
    "settings", [{}, {"turn_deg": 40.0}, {"tilt_deg": -20.0}, {"turn_deg": -50.0, "tilt_deg": 12.0}]
)
@pytest.mark.parametrize("view", ["AP", "PA", "LL", "RL"])
def test_a_bead_lies_where_the_header_s_geometry_puts_it(view, settings):
    """From the angles, distances and pixel spacing alone; hung upright, as if facing the patient."""
    at = (11.0, -17.0, 22.0)
    body = limb(*beads(at))
    frames = xray.acquire(body, shot(view, **settings), Seed("bead"))
    film, bare = (
        frames.render(0).astype(float),
        xray.acquire(limb(), shot(view, **settings), Seed("bead")).render(0),
    )
    v, u = np.nonzero(film - bare > 200)
    a = frames.attributes
    usual = {"AP": (180.0, 0.0), "PA": (0.0, 0.0), "LL": (90.0, 0.0), "RL": (-90.0, 0.0)}[view]
    primary, secondary = (
        math.radians(w)
        for w in (
            a.get("PositionerPrimaryAngle", usual[0]),
            a.get("PositionerSecondaryAngle", usual[1]),
        )
    )
    level = np.array((math.sin(primary), -math.cos(primary), 0.0))
    to_detector = math.cos(secondary) * level + math.sin(secondary) * np.array((0.0, 0.0, 1.0))
    side = np.cross((0, 0, 1.0), level)
    right = side if view in {"PA", "LL", "RL"} else -side
    down = np.cross(to_detector, right)
    down = down if down[2] < 0 else -down
    depth = a["DistanceSourceToDetector"] - a["DistanceSourceToPatient"]
    # the middle of the part is the phantom's axis along the beam: its aim
    towards = -np.dot(at, to_detector)
    magnified = a["DistanceSourceToDetector"] / (a["DistanceSourceToDetector"] - depth - towards)
    pixel = a["ImagerPixelSpacing"][0]
    expected = (
        (frames.columns - 1) / 2 + np.dot(at, right) * magnified / pixel,
        (frames.rows - 1) / 2 + np.dot(at, down) * magnified / pixel,
    )
    assert ((u.min() + u.max()) / 2, (v.min() + v.max()) / 2) == pytest.approx(expected, abs=3.0)


def test_what_is_near_the_tube_is_drawn_larger_by_the_law_of_the_cone():
    camera = placed(limb().made, View("AP"), sid_mm=1000.0).camera
    p = camera.project(np.array([(-20, -30, 0), (20, -30, 0), (-20, 30, 0), (20, 30, 0)], np.float32))
    for k, y in ((0, -30.0), (2, 30.0)):
        depth = -(y - camera.centre[1])  # above the detector, which lies behind
        assert p[k, 2] == pytest.approx(depth, abs=1e-6)
        wide = (p[k + 1, 0] - p[k, 0]) * camera.pixel_mm
        assert wide == pytest.approx(40.0 * 1000.0 / (1000.0 - depth), abs=camera.pixel_mm / 32)


@pytest.mark.parametrize(
    ("view", "turn"), [("AP", 0.0), ("PA", 0.0), ("AP", 35.0), ("LAT", 0.0), ("LAT", 180.0), ("PA", -45.0)]
)
def test_a_left_part_is_a_right_one_in_the_mirror(view, turn):
    points = np.array([(9.0, -4.0, 17.0), (-3.0, 21.0, -8.0)], np.float32)
    settings = {"turn_deg": turn, "roll_deg": 30.0, "from_tube": 1.0}
    right = placed(limb().made, view_of(shot(view, "R", **settings).protocol, "R")).camera
    left = placed(limb().made, view_of(shot(view, "L", **settings).protocol, "L")).camera
    a, b = right.project(points), left.project(points * np.array((-1, 1, 1), np.float32))
    assert np.abs((right.columns - 1) / 2 - a[:, 0] - (b[:, 0] - (left.columns - 1) / 2)).max() < 0.04
    assert np.abs(a[:, 1] - b[:, 1]).max() < 0.04


def test_a_hand_hung_fingers_up_as_the_tube_saw_it_has_a_right_thumb_on_the_left():
    view = view_of(shot("PA", "R", roll_deg=180.0, from_tube=1.0).protocol, "R")
    thumb, fingers = np.array((-1.0, 0, 0)), np.array((0, 0, -1.0))  # palm forward
    assert thumb @ view.axes[0] == pytest.approx(-1)
    assert fingers @ view.axes[1] == pytest.approx(-1)
    assert orientation(view.axes) == ("L", "H")


@pytest.mark.parametrize(
    ("view", "side", "settings", "said", "code", "letters"),
    [
        ("AP", "", {}, "AP", "399348003", ("L", "F")),
        ("PA", "", {}, "PA", "272479007", ("L", "F")),
        ("LL", "", {}, "LL", "399173006", ("P", "F")),
        ("RL", "", {}, "RL", "399198007", ("A", "F")),
        ("AP", "", {"turn_deg": 45.0}, "RLO", "399038007", ("LP", "F")),
        ("AP", "", {"turn_deg": -45.0}, "LLO", "399006002", ("LA", "F")),
        ("PA", "", {"turn_deg": 45.0}, "RLO", "399356000", ("LA", "F")),
        ("AP", "R", {"turn_deg": 45.0}, "RLO", "399312000", ("LP", "F")),
        ("LAT", "R", {}, "RL", "399260004", ("P", "F")),
        ("LAT", "L", {}, "LL", "399260004", ("A", "F")),
        ("LAT", "R", {"turn_deg": 180.0}, "LL", "399352003", ("A", "F")),
        ("AP", "R", {"tilt_deg": 90.0}, "", "399061009", ("L", "A")),
    ],
)
def test_a_view_has_its_code_its_position_and_the_letters_of_its_edges(
    view, side, settings, said, code, letters
):
    a = xray.acquire(limb(), shot(view, side, **settings), Seed("view")).attributes
    assert a["ViewPosition"] == said
    assert a["ViewCodeSequence"][0]["CodeValue"] == code
    assert tuple(map(set, a["PatientOrientation"])) == tuple(map(set, letters))


@pytest.mark.parametrize(("tilt", "meaning"), [(-20.0, "cephalad"), (30.0, "caudad"), (0.0, None)])
def test_an_angled_beam_says_which_way_it_goes(tilt, meaning):
    a = xray.acquire(limb(), shot("AP", tilt_deg=tilt), Seed("view")).attributes
    modifiers = a["ViewCodeSequence"][0].get("ViewModifierCodeSequence", ())
    assert [m["CodeMeaning"] for m in modifiers] == ([meaning] if meaning else [])


def test_an_arm_s_angles_are_those_of_its_detector():
    assert angles(View("PA").axes[2]) == (0.0, 0.0)
    assert angles(View("LL").axes[2]) == (90.0, 0.0)
    assert angles(View("PA", tilt_deg=-25.0).axes[2]) == (0.0, 25.0)


def test_a_film_is_cut_to_its_field_and_never_larger_than_the_detector():
    frames = xray.acquire(limb(size=(60.0, 100.0)), shot(size=2048, pixel_mm=0.148), Seed("a"))
    assert (frames.rows, frames.columns) < (2048, 2048)
    assert frames.render(0).shape == (frames.rows, frames.columns)
    assert frames.attributes["ImagerPixelSpacing"] == (0.148, 0.148)
    assert 60.0 < frames.columns * 0.148 < 75.0
    tight = xray.acquire(limb(size=(60.0, 400.0)), shot(size=512, pixel_mm=0.148), Seed("a"))
    assert tight.rows <= 512
    assert tight.attributes["ImagerPixelSpacing"][0] > 0.148


def test_what_the_collimator_covers_is_black():
    frames = xray.acquire(limb(size=(50.0, 60.0)), shot(), Seed("a"))
    film, a = frames.render(0), frames.attributes
    assert not film[: a["CollimatorUpperHorizontalEdge"]].any()
    assert not film[:, a["CollimatorRightVerticalEdge"] :].any()
    assert film[a["CollimatorUpperHorizontalEdge"] + 2].any()


def test_air_is_black_bone_is_white_and_flesh_between():
    film = xray.acquire(limb(), shot(), Seed("a")).render(0).astype(float)
    row = film[300]
    middle = film.shape[1] // 2
    bone, flesh = row[middle - 42 : middle - 36].mean(), row[middle - 110 : middle - 80].mean()
    assert row[10:40].max() == 0
    assert 400 < flesh < 0.7 * bone
    assert bone > 2600


def test_metal_is_white_without_a_halo():
    plate = Surface(*box((-4.0, -14.0, -40.0), (4.0, -10.0, 30.0)), 17.0)
    bare = xray.acquire(limb(), shot(), Seed("a")).render(0).astype(float)
    film = xray.acquire(limb(("plate", plate)), shot(), Seed("a")).render(0).astype(float)
    middle = film.shape[1] // 2
    inside, beside = slice(middle - 12, middle + 12), slice(middle + 30, middle + 120)
    assert film[320, inside].mean() > 3700
    assert np.abs(film[300:340, beside] - bare[300:340, beside]).max() < 2


def test_trabeculae_are_in_the_marrow_alone_and_stay_the_same_for_a_patient():
    solid = limb(("marrow", Surface(*cylinder(8.6, -78.0, 78.0, around=180), -1.4, "coarse", "trabecular")))
    smooth = limb(("marrow", Surface(*cylinder(8.6, -78.0, 78.0, around=180), -1.4, "coarse")))
    a, b = (
        xray.acquire(body, shot(), Seed("a")).render(0).astype(float)[100:-100] for body in (solid, smooth)
    )
    middle = a.shape[1] // 2
    net = (a - b)[:, middle - 30 : middle + 30]
    assert net.std() > 8
    assert np.abs((a - b)[:, : middle - 60]).max() < 2
    again = xray.acquire(solid, shot(), Seed("other")).render(0).astype(float)[100:-100]
    assert (
        np.corrcoef(again[:, middle - 30 : middle + 30].ravel(), a[:, middle - 30 : middle + 30].ravel())[
            0, 1
        ]
        > 0.5
    )


def test_a_left_part_bears_an_l_outside_the_limb():
    right, left = (xray.acquire(limb(size=(110.0, 120.0)), shot("AP", s), Seed("m")).render(0) for s in "RL")
    bare = limb(size=(110.0, 120.0)).made
    place = xray_place.place(bare, View("AP").axes, shot("AP").protocol, Seed("m").child("shutter"))
    body = xray_place.body_path(bare, place)
    for film in (right, left):
        v, u = np.nonzero(film >= 4090)
        assert len(v) > 300
        assert not body[v // 16, np.minimum(u // 16, body.shape[1] - 1)].any()
    assert (right != left).any()


@pytest.mark.parametrize("grid", [0.0, 10.0])
def test_the_exposure_agrees_with_itself(grid):
    a = xray.acquire(limb(), shot(grid=grid), Seed("e")).attributes
    assert a["DeviationIndex"] == pytest.approx(
        10 * math.log10(a["ExposureIndex"] / a["TargetExposureIndex"]), abs=0.06
    )
    assert abs(a["DeviationIndex"]) < 4
    assert a["ExposureInuAs"] == pytest.approx(a["XRayTubeCurrent"] * a["ExposureTime"], rel=0.2)
    assert a["EntranceDoseInmGy"] > 0
    area_cm2 = (
        (a["CollimatorRightVerticalEdge"] - a["CollimatorLeftVerticalEdge"])
        * (a["CollimatorLowerHorizontalEdge"] - a["CollimatorUpperHorizontalEdge"])
        * a["ImagerPixelSpacing"][0] ** 2
        / 100
    )
    kerma_dgy = a["ImageAndFluoroscopyAreaDoseProduct"] / area_cm2
    at_skin = kerma_dgy * 100 * 1100**2 / (1100 - 12 - a["BodyPartThickness"]) ** 2 * 1.3
    if not grid:
        assert a["EntranceDoseInmGy"] == pytest.approx(at_skin, rel=0.02)


def test_an_empty_field_is_a_black_film_and_no_failure():
    body = Phantom(Scene({"skin": Surface(*bead(0, 0, 0), 1.0)}, {}, (500.0, 0.0, 0.0), (50.0, 50.0)))
    film = xray.acquire(body, shot(), Seed("a")).render(0)
    assert np.median(film) == 0


def test_a_scene_that_says_nothing_is_aimed_at_its_middle():
    scene = replace(limb().made, aim=None, size_mm=None)
    film = xray.acquire(Phantom(scene), shot(), Seed("a")).render(0)
    assert film[film.shape[0] // 2, film.shape[1] // 2] > 0
