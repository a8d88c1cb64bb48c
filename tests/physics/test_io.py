from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom.anatomy.mouth import build
from fhir2dicom.anatomy.tooth import solids
from fhir2dicom.model import Body, Edit, Frames, InstancePlan, Person, Protocol, Shot
from fhir2dicom.model.mouth import Tooth, Work
from fhir2dicom.physics.io import IO
from fhir2dicom.physics.io_tooth import DENTINE, DISPLACED, Raster, raster
from fhir2dicom.physics.io_view import anchor_of
from fhir2dicom.physics.io_work import do
from fhir2dicom.seed import Seed


def body(age: float = 35.0, *grown: Edit, who: str = "anna") -> Body:
    return build(Person(who, "F", age, 1.65, 65.0), Seed("seed").child("patient", who), grown)


def shot(tooth: int = 46, view: str = "BITEWING", side: str = "", **settings: float) -> Shot:
    upright = view != "BITEWING" and tooth % 10 <= 3
    rows, columns = (1500, 1080) if upright else (1080, 1500)
    protocol = Protocol(
        "x", "IO", "mouth", rows, columns, view=view, settings={"tooth": float(tooth), **settings}
    )
    return Shot(protocol, side, 1, (InstancePlan("1.2.3", 1),))  # type: ignore[arg-type]


def film(of: Body, taken: Shot, noise: str = "n") -> tuple[np.ndarray, Frames]:
    frames = IO.acquire(of, taken, Seed(noise))
    return frames.render(0), frames


def tooth(kind: str = "L6", *works: Work, **more: object) -> Tooth:
    given = {"fdi": 46, "solid": solids()[kind], "at": (0.0, 0.0, 0.0), "turn": 0.0, "tilt": 0.0}
    return Tooth(**{**given, "scale": (1.0, 1.0, 1.0), "works": works, **more})  # type: ignore[arg-type]


def seen(of: Tooth, yaw: float = 0.0) -> Raster:
    found = raster(of, yaw, -99.0, 99.0)
    assert found is not None
    if of.works:
        do(found, of, yaw, found.between)
    return found


def volume(of: Raster, plane: int) -> float:
    """Return attenuation or length integrated over the film."""
    steps = np.gradient(of.heights.astype(np.float64))
    return float((of.planes[plane].sum(1) * steps).sum() * 0.06)


@pytest.mark.parametrize("yaw", [-0.6, -0.2, 0.3, 0.9])
def test_what_a_tooth_absorbs_in_all_is_the_same_from_any_side(yaw: float) -> None:
    for kind in ("L6", "U6", "U1"):
        assert volume(seen(tooth(kind), yaw), 0) == pytest.approx(volume(seen(tooth(kind)), 0), rel=0.01)


def test_a_root_is_as_deep_as_dentine_makes_it() -> None:
    found = seen(tooth("L4"))
    k = int(np.searchsorted(found.heights, -5.0))
    depth = found.planes[0, k].max() / DENTINE
    assert 0.6 * 6.5 < depth < 6.5


def test_no_path_is_negative() -> None:
    for kind in solids():
        found = seen(tooth(kind), 0.35)
        assert found.planes[0].min() > -0.02
        assert found.planes[DISPLACED].min() > -0.02


def test_metal_hides_what_is_behind_it_and_decay_lets_light_through() -> None:
    sound = seen(tooth()).planes[0]
    filled = seen(tooth("L6", Work("amalgam", 1, 1.0, 5))).planes[0]
    decayed = seen(tooth("L6", Work("caries", -1, 1.2, 5))).planes[0]
    assert filled.max() > 20 > sound.max()
    assert ((filled - sound) > 1).sum() > 400
    assert (sound - decayed).min() > -1e-4
    assert (sound - decayed).max() > 0.4
    middle = sound.shape[1] // 2
    assert (sound - decayed)[:, middle + 20 :].max() < 1e-4, "the distal side is to the left"


@pytest.mark.parametrize(
    "kind",
    [
        "composite", "crown-metal", "crown-metal-ceramic", "crown-ceramic", "crown-zirconia", "crown-steel", "root-filling",
        "post", "calculus", "recurrent", "cavity",
    ],
)  # fmt: skip
def test_every_work_shows_where_it_is_done(kind: str) -> None:
    sound, done = seen(tooth()).planes[0], seen(tooth("L6", Work(kind, 1, 1.0, 9))).planes[0]
    where = np.abs(done - sound) > 0.08
    assert 20 < where.sum() < 0.7 * where.size
    below = seen(tooth()).heights < -3
    assert where[below].any() == (kind in ("root-filling", "post"))


def test_an_implant_is_a_screw_instead_of_roots() -> None:
    screw, sound = seen(tooth("L6", Work("implant", 0, 1.0, 3))), seen(tooth())
    k = int(np.searchsorted(sound.heights, -6.0))
    across = [np.ptp(np.flatnonzero(p.planes[0, k] > 0.3)) * p.column_mm for p in (screw, sound)]
    assert 3.4 < across[0] < 4.8 < 7.0 < across[1]
    assert screw.planes[0, k].max() > 3.5 > sound.planes[0, k].max()


def test_a_growing_root_ends_early_and_an_old_pulp_is_narrow() -> None:
    half, whole = seen(tooth(root=0.5)), seen(tooth())
    assert (half.planes[0, half.heights < -8.5] > 0.1).sum() == 0
    assert (whole.planes[0, whole.heights < -8.5] > 0.1).any()
    assert volume(seen(tooth(old=1.0)), 0) > volume(whole, 0)


def test_a_film_is_twelve_bits_of_the_receptor_that_fits() -> None:
    pixels, frames = film(body(), shot())
    assert pixels.dtype == np.uint16
    assert pixels.shape == (frames.rows, frames.columns) == (1080, 1500)
    dark = np.sort(pixels.ravel())[pixels.size // 100]
    assert 60 < dark < pixels.max() <= 4095
    _, small = film(body(4.0), shot())
    assert small.rows < frames.rows
    upright, _ = film(body(), shot(11, "PERIAPICAL"))
    assert upright.shape[0] > upright.shape[1]


def test_the_same_film_twice_is_the_same_bytes_and_another_noise_is_not() -> None:
    first, again, other = (film(body(), shot(36, "PERIAPICAL"), n)[0] for n in "nnm")
    assert (first == again).all()
    assert (first != other).mean() > 0.5


def test_enamel_is_whiter_than_dentine_and_dentine_than_bone_and_bone_than_gum() -> None:
    pixels, _ = film(body(25.0), shot(46, "PERIAPICAL"))
    tops = np.sort(pixels.ravel())
    air, white = tops[len(tops) // 50], tops[-len(tops) // 50]
    middle = float(np.median(pixels))
    assert air < 900 < middle < 3000 < white


def test_right_and_left_have_the_midline_on_the_side_of_the_midline() -> None:
    right = film(body(), shot(side="R"))[1].attributes
    left = film(body(), shot(side="L"))[1].attributes
    middle = film(body(), shot(41, "PERIAPICAL"))[1].attributes
    assert [a["ImageLaterality"] for a in (right, left, middle)] == ["R", "L", "B"]


def test_a_film_is_centred_on_the_tooth_of_its_own_side() -> None:
    assert anchor_of(shot(46, side="L")) == 36
    assert anchor_of(shot(23, "PERIAPICAL", side="R")) == 13
    assert anchor_of(shot(41, "PERIAPICAL", side="L")) == 41


def test_the_teeth_imaged_are_named_the_one_aimed_at_first() -> None:
    found = film(body(30.0, who="b"), shot(47, "PERIAPICAL"))[1].attributes
    teeth = found["PrimaryAnatomicStructureSequence"]
    assert teeth[0]["CodeValue"] == "863899008"  # type: ignore[index]
    assert all("andibular right" in t["CodeMeaning"] for t in teeth)  # type: ignore[attr-defined]


def test_without_teeth_the_region_is_named_instead() -> None:
    bare = body(70.0, *(Edit("tooth-loss", amount=1.0, numbers={"days": 900.0}) for _ in range(1)))
    found = film(bare, shot(46, "PERIAPICAL"))[1].attributes
    if "PrimaryAnatomicStructureSequence" not in found:
        region = found["AnatomicRegionSequence"][0]  # type: ignore[index]
        assert region["AnatomicRegionModifierSequence"][0]["CodeMeaning"] == "First molar region"
    assert found["AnatomicRegionSequence"][0]["CodeMeaning"] == "Mandible"  # type: ignore[index]


def test_exposure_values_agree_with_each_other() -> None:
    found = film(body(), shot(kvp=60.0, ma=8.0, seconds=0.2))[1].attributes
    assert found["KVP"] == 60.0
    assert found["ExposureInuAs"] == pytest.approx(
        float(found["XRayTubeCurrent"]) * float(found["ExposureTime"])
    )  # type: ignore[arg-type]
    ratio = float(found["DistanceSourceToDetector"]) / float(found["DistanceSourceToPatient"])  # type: ignore[arg-type]
    assert found["EstimatedRadiographicMagnificationFactor"] == pytest.approx(ratio, abs=1e-5)


def test_a_filling_of_the_record_is_on_the_film() -> None:
    sound = film(body(30.0), shot(46))[0]
    lost = film(body(30.0, Edit("gum-disease", amount=1.0)), shot(46))[0]
    assert (np.abs(sound.astype(int) - lost) > 150).mean() > 0.01


@pytest.mark.parametrize("age", [2.5, 6.0, 9.0, 13.0, 50.0, 88.0])
@pytest.mark.parametrize("anchor", [(46, "BITEWING"), (16, "PERIAPICAL"), (43, "PERIAPICAL")])
def test_films_of_all_ages_are_neither_black_nor_white(age: float, anchor: tuple[int, str]) -> None:
    pixels, _ = film(body(age, who=f"age {age}"), shot(*anchor))
    assert 400 < pixels.mean() < 3300
    assert pixels.std() > 250


def test_an_exposure_of_less_than_half_a_mas_is_told_in_microampere_seconds_alone() -> None:
    body = build(Person("a", "F", 8.0, 1.2, 25.0), Seed("p"), ())
    settings = {"tooth": 41.0, "ma": 7.0, "seconds": 0.1}
    protocol = Protocol("t", "IO", "mouth", 1500, 1080, view="PERIAPICAL", settings=settings)
    told = IO.acquire(body, Shot(protocol, "", 1, ()), Seed("film")).attributes
    assert "Exposure" not in told
    assert told["ExposureInuAs"] == 441
