"""The head of many patients: sizes, ages, a closed skull."""

from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom.anatomy import head_tissues
from fhir2dicom.anatomy.head import HEAD, Head, atlas, head
from fhir2dicom.anatomy.head_tissues import CODE, CODES
from fhir2dicom.anatomy.head_warp import intracranial_ml
from fhir2dicom.model import Person, Shape
from fhir2dicom.seed import Seed

BRAIN = np.array(
    [m.name == "csf" or m.grey + m.white > 0 or m.name in ("falx", "pineal", "choroid") for m in CODES]
)
BLOOD = CODE["blood"]


def build(
    key: str = "one", sex: str = "M", age: float = 40.0, height: float = 1.75, shapes: tuple[Shape, ...] = ()
) -> Head:
    person = Person(key, sex, age, height, 22.0 * height**2)
    return head(person, Seed("test").child("patient", key), shapes)


def labels_of(body: Head, step: float = 2.0) -> np.ndarray:
    """Return the labels on a grid of ``step`` mm in patient space, (z, y, x), read through the warp itself."""
    axes = [np.arange(low, high, step) for low, high in zip(body.field.low, body.field.high, strict=True)]
    z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    volume = body.volume()
    points = body.warp.to_atlas(x, y, z)
    index = [np.rint(p - o).astype(int) for p, o in zip(points, volume.origin, strict=True)]
    inside = np.logical_and.reduce(
        [(i >= 0) & (i < n) for i, n in zip(index, volume.labels.shape[::-1], strict=True)]
    )
    i, j, k = (np.where(inside, v, 0) for v in index)
    return np.where(inside, volume.labels[k, j, i], 0)


def intracranial(labels: np.ndarray, step: float = 2.0) -> float:
    return float((BRAIN[labels] | (labels == BLOOD)).sum()) * step**3 / 1000.0


@pytest.mark.parametrize(("sex", "height"), [("M", 1.78), ("F", 1.63), ("M", 1.68), ("F", 1.72)])
@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_adults_have_1450_ml_in_the_skull_more_or_less(key, sex, height):
    body = build(key, sex, 45.0, height)
    measured = intracranial(labels_of(body))
    assert 1250 < measured < 1650
    assert abs(measured / intracranial_ml(body.person, body.seed) - 1) < 0.06


def test_a_childs_head_is_smaller_and_an_infants_half():
    adult, child, infant = (
        intracranial(labels_of(build(age=a, height=h))) for a, h in ((30, 1.75), (6, 1.15), (0.4, 0.65))
    )
    assert 0.7 < child / adult < 0.9
    assert 0.35 < infant / adult < 0.6


def _ventricles(body: Head) -> float:
    labels = labels_of(body)
    z, y, x = (
        np.arange(n) * 2.0 + low for n, low in zip(labels.shape, reversed(body.field.low), strict=True)
    )
    deep = (
        (np.abs(z - 20) < 10)[:, None, None]
        & (np.abs(y + 3) < 32)[None, :, None]
        & ((np.abs(x) < 24) & (np.abs(x) > 3))[None, None, :]  # lateral to the fissure
    )
    return float(((labels > 0) & (labels < CODE["csf"] + 6) & deep).sum()) * 8.0 / 1000.0


def test_ventricles_widen_with_age():
    young = np.mean([_ventricles(build(key, age=25)) for key in "abcd"])
    old = np.mean([_ventricles(build(key, age=85)) for key in "abcd"])
    assert old > 1.35 * young


def test_sulci_widen_with_age():
    def cortex(age: float) -> float:
        rows = build(age=age).volume().tissues
        return rows[CODE["csf"] + head_tissues.STEPS // 2].hu

    assert cortex(85) < cortex(25) - 2


def test_grey_matter_is_5_to_10_units_above_white_and_fluid_is_near_water():
    rows = {t.name: t.hu for t in build().volume().tissues}
    assert 5 <= rows["grey"] - rows["white"] <= 10
    assert 0 <= rows["csf"] <= 10
    assert rows["muscle"] > 40 > 0 > rows["fat"]


def test_an_old_brain_may_hold_calcium_and_a_toddlers_does_not():
    def pineal(key: str, age: float) -> float:
        return next(t.hu for t in build(key, age=age).volume().tissues if t.name == "pineal")

    old = [pineal(str(k), 70.0) for k in range(30)]
    assert 0.4 < np.mean([hu > 120 for hu in old]) < 0.95
    assert max(pineal(str(k), 3.0) for k in range(30)) < 60


def test_the_vault_is_closed_and_of_even_thickness():
    labels = atlas().labels
    bony = np.array([m.hu > 300 for m in CODES])[labels]
    centre = np.array([86.0, 115.0, 104.0])  # z, y, x: mid brain
    thickness = []
    for a in np.linspace(0, 2 * np.pi, 72, endpoint=False):
        for e in np.linspace(0.15, 1.45, 12):
            way = np.array([np.sin(e), np.cos(e) * np.sin(a), np.cos(e) * np.cos(a)])
            path = centre + np.arange(20.0, 125.0, 0.25)[:, None] * way
            index = np.rint(path).astype(int)
            keep = ((index >= 0) & (index < labels.shape)).all(1)
            thickness.append(bony[tuple(index[keep].T)].sum() * 0.25)
    assert min(thickness) > 3.0
    assert 5.0 < np.median(thickness) < 9.0
    assert np.percentile(thickness, 95) < 14.0


def test_sinuses_hold_air_and_eyes_lie_in_front():
    labels, (x0, y0, z0) = atlas().labels, atlas().origin
    box = labels[int(-45 - z0) : int(-30 - z0), int(-70 - y0) : int(-25 - y0), int(-10 - x0) : int(10 - x0)]
    assert (box == CODE["air"]).mean() > 0.4  # ethmoid and sphenoid
    _, j, i = (np.argwhere(labels == CODE["vitreous"])).mean(0)
    assert abs(i + x0) < 2
    assert j + y0 < -50


def test_equal_persons_have_equal_heads_and_others_do_not():
    a, b, c = build("one"), build("one"), build("two")
    assert np.array_equal(a.volume().to_atlas.points, b.volume().to_atlas.points)
    assert a.volume().tissues == b.volume().tissues
    assert a.warp.scale != c.warp.scale


def test_the_field_holds_the_whole_head():
    labels = labels_of(build())
    for face in (labels[-1], labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        assert (face > 0).mean() < 0.01


def test_a_finding_is_where_it_was_put():
    shape = Shape(
        "blood",
        (30.0, 10.0, 20.0),
        (8.0, 8.0, 8.0),
        ("white", "grey", *(m.name for m in CODES if m.grey + m.white > 0)),
    )
    body = build(shapes=(shape,))
    origin = body.volume().origin
    found = body.volume().labels[int(20 - origin[2]), int(10 - origin[1]), int(30 - origin[0])]
    assert found == CODE["blood"]
    assert atlas().labels[int(20 - origin[2]), int(10 - origin[1]), int(30 - origin[0])] != CODE["blood"]


def test_a_film_of_the_head_shows_the_whole_skull_with_its_jaw():
    made = build().scene("pa")
    assert {"skin", "bone_skull", "bone_jaw", "marrow_diploe", "air_nose"} <= set(made.surfaces)
    assert made.aim is not None


def test_the_head_claims_its_codes_and_words():
    assert {"69536005", "303653007", "12738006"} <= HEAD.snomed
    assert {"brain", "kopf", "cabeza", "tête", "cerebro", "schädel"} <= set(HEAD.words)
    assert all(w == w.lower() for w in HEAD.words)


def test_every_code_of_the_atlas_has_a_row():
    assert atlas().labels.max() < len(CODES)
    assert len(build().volume().tissues) == len(CODES)
    assert len(set(CODE)) == len(CODES)
