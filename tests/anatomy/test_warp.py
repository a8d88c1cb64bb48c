from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom.anatomy.tissues import LABEL
from fhir2dicom.anatomy.torso import _DIRECTIONS, Torso, atlas, build
from fhir2dicom.model import Person
from fhir2dicom.seed import Seed

EXTREMES = {
    "baby": Person("baby", "M", 1.0, 0.75, 9.6),
    "child": Person("child", "F", 3.0, 0.95, 14.5),
    "thin": Person("thin", "F", 28.0, 1.70, 43.5),
    "usual": Person("usual", "M", 40.0, 1.78, 78.0),
    "tall": Person("tall", "M", 30.0, 2.02, 95.0),
    "obese": Person("obese", "M", 52.0, 1.76, 124.0),
    "very obese": Person("very obese", "F", 45.0, 1.62, 131.0),
    "old": Person("old", "F", 88.0, 1.52, 50.0),
}


def torso(name: str, number: int = 0) -> Torso:
    person = EXTREMES[name]
    return build(person, Seed("s").child("patient", name, number), (), (2.0, 328.0))


def body_points(step: int = 9) -> np.ndarray:
    whole = atlas()
    k, j, i = np.nonzero(whole.labels[4:325:step, ::step, ::step])
    index = np.stack((i * step, j * step, k * step + 4), 1)
    return (index + np.array(whole.origin)).astype(np.float32)


def through_field(body: Torso, points: np.ndarray) -> np.ndarray:
    """Read the field as a scanner does: linear between nodes."""
    field = body.warp.field(body.field)
    u = (points - np.array(field.origin)) / np.array(field.spacing)
    i = np.clip(u.astype(int), 0, np.array(field.points.shape[:0:-1]) - 2)
    f = u - i
    out = np.zeros_like(points, dtype=float)
    for corner in range(8):
        d = np.array([corner & 1, corner >> 1 & 1, corner >> 2])
        w = np.prod(np.where(d, f, 1 - f), axis=1)
        x, y, z = (i + d).T
        out += w[:, None] * field.points[:, z, y, x].T
    return out.astype(np.float32)


@pytest.mark.parametrize("name", EXTREMES)
def test_the_inverse_is_exact_at_any_point_of_the_body(name: str) -> None:
    body = torso(name)
    points = body_points(17)
    assert np.abs(body.warp.to_atlas(body.warp.to_patient(points)) - points).max() < 0.05


@pytest.mark.parametrize("name", EXTREMES)
def test_what_a_scanner_reads_from_the_field_is_within_half_a_millimetre(name: str) -> None:
    """But in the fat of the obese, where one atlas mm becomes up to eight and nothing is to be seen."""
    body = torso(name)
    points = body_points()
    points = points[(points[:, 2] > 10) & (points[:, 2] < 320)]
    patient = body.warp.to_patient(points)
    inside = ((patient > body.field.low) & (patient < body.field.high)).all(1)
    assert inside.mean() > 0.97
    points, patient = points[inside], patient[inside]
    back = body.warp.to_patient(through_field(body, patient))
    error = np.sqrt(((back - patient) ** 2).sum(1))
    i, j, k = (points - np.array(atlas().origin)).round().astype(int).T
    fat = np.isin(atlas().labels[k, j, i], [LABEL[n] for n in ("fat", "skin", "breast_gland")])
    assert np.quantile(error[~fat], 0.995) < 0.5
    assert error[~fat].max() < 1.3
    assert np.quantile(error, 0.98) < 0.8
    assert error.max() < 2.5


@pytest.mark.parametrize("name", EXTREMES)
@pytest.mark.parametrize("number", range(3))
def test_no_patient_is_folded(name: str, number: int) -> None:
    body = torso(name, number)
    points = body_points()
    h = np.float32(1.0)
    columns = [
        (body.warp.to_patient(points + h * e) - body.warp.to_patient(points - h * e)) / (2 * h)
        for e in np.eye(3, dtype=np.float32)
    ]
    jacobian = np.linalg.det(np.stack(columns, 2).astype(float)) / np.prod(body.warp.scale)
    assert jacobian.min() > 0.2


def test_two_patients_of_equal_build_differ_by_millimetres() -> None:
    points = body_points(19)
    a, b = (torso("usual", n).warp.to_patient(points) for n in (1, 2))
    apart = np.sqrt((((a - a.mean(0)) - (b - b.mean(0))) ** 2).sum(1))
    assert apart.mean() > 3.0


def test_the_same_patient_is_the_same_body() -> None:
    points = body_points(19)
    assert np.array_equal(torso("old").warp.to_patient(points), torso("old").warp.to_patient(points))


def skin_thickness(body: Torso) -> float:
    """Mean thickness of the skin at the waist, patient mm: its volume through its area."""
    whole = atlas()
    y, x = np.nonzero(whole.labels[60] == LABEL["skin"])
    points = np.stack((x, y, np.full(len(x), 60.0)), 1) + np.array(whole.origin)
    middle = np.array([0.0, 170.0, 60.0])
    out = points - middle
    out[:, 2] = 0
    out /= np.sqrt((out**2).sum(1))[:, None]
    step = np.float32(0.5)
    a = body.warp.to_patient((points + step * out).astype(np.float32))
    b = body.warp.to_patient((points - step * out).astype(np.float32))
    return float(2.2 * np.median(np.sqrt(((a - b) ** 2).sum(1))))


@pytest.mark.parametrize("name", ["thin", "usual", "obese", "very obese"])
def test_skin_stays_thin_whatever_the_weight(name: str) -> None:
    assert 0.8 < skin_thickness(torso(name)) < 4.5


def girth(body: Torso, z: float = 20.0) -> float:
    """Circumference of the waist, patient mm."""
    skin = body.warp.profile.skin[int(z / 6)]
    points = np.array(
        [(r * x, 170 + r * y, z) for (x, y), r in zip(_DIRECTIONS, skin, strict=True)], np.float32
    )
    p = body.warp.to_patient(points).astype(float)
    return float(np.sqrt(((p - np.roll(p, 1, axis=0)) ** 2).sum(1)).sum())


def test_the_waist_grows_with_the_body_mass_index_as_in_nhanes() -> None:
    heavy = [girth(torso(n)) for n in ("thin", "usual", "obese", "very obese")]
    assert heavy == sorted(heavy)
    assert 580 < heavy[0] < 760
    assert 820 < heavy[1] < 1000
    assert 1130 < heavy[2] < 1380
    assert 1250 < heavy[3] < 1560


def test_a_small_child_is_rounder_in_section_than_a_grown_man() -> None:
    def depth_to_breadth(body: Torso) -> float:
        return (body.field.high[1] - body.field.low[1]) / (body.field.high[0] - body.field.low[0])

    assert torso("baby").warp.scale[1] / torso("baby").warp.scale[2] > 1.2
    assert depth_to_breadth(torso("baby")) > 0.9 * depth_to_breadth(torso("usual"))


LUNG = ("lung", "fissure", "lung_vessel_1", "lung_vessel_2", "lung_vessel_3", "lung_vessel_4")
HEART = ("left_heart", "right_heart", "myocardium")


def patient_points(body: Torso, names: tuple[str, ...]) -> np.ndarray:
    """Every 27th voxel of some tissues, patient mm."""
    whole = atlas()
    k, j, i = np.nonzero(np.isin(whole.labels[::3, ::3, ::3], [LABEL[n] for n in names]))
    return body.warp.to_patient((np.stack((i, j, k), 1) * 3 + np.array(whole.origin)).astype(np.float32))


def spine_edge(body: Torso) -> float:
    """x of the right edge of the vertebral bodies behind the heart, patient mm."""
    edge = np.array([(-18.0, 222.0, z) for z in range(140, 200, 10)], np.float32)
    return float(body.warp.to_patient(edge)[:, 0].mean())


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("name", ["thin", "usual", "tall", "obese", "old"])
def test_the_heart_is_less_than_half_as_wide_as_the_chest_and_has_a_right_border(
    name: str, number: int
) -> None:
    body = torso(name, number)
    heart, lung = patient_points(body, HEART), patient_points(body, LUNG)
    level = np.round(lung[:, 2] / 5.0)
    chest = max(float(np.ptp(lung[level == z][:, 0])) for z in np.unique(level))
    left, right = (float(np.quantile(heart[:, 0], q)) for q in (0.998, 0.002))
    assert 0.40 < (left - right) / chest < 0.52
    assert 5.0 < spine_edge(body) - right < 40.0


def lung_litres(body: Torso) -> float:
    """By the warp's Jacobian over the lungs' voxels."""
    whole = atlas()
    k, j, i = np.nonzero(np.isin(whole.labels[::6, ::6, ::6], [LABEL[n] for n in LUNG]))
    points = (np.stack((i, j, k), 1) * 6 + np.array(whole.origin)).astype(np.float32)
    columns = [
        (body.warp.to_patient(points + e) - body.warp.to_patient(points - e)) / 2
        for e in np.eye(3, dtype=np.float32)
    ]
    return float(np.linalg.det(np.stack(columns, 2).astype(float)).sum() * 216.0 / 1e6)


def test_grown_lungs_are_full_and_long_enough_for_a_picture_in_inspiration() -> None:
    man, woman = torso("usual"), torso("thin")
    assert 4.3 < lung_litres(man) < 6.5
    assert 3.4 < lung_litres(woman) < 5.2
    for body in (man, woman):
        lung = patient_points(body, LUNG)
        assert 240.0 < float(np.ptp(lung[:, 2])) < 320.0


def test_an_infants_chest_is_nearly_as_deep_as_wide() -> None:
    def roundness(body: Torso) -> float:
        lung = patient_points(body, LUNG)
        return float(np.ptp(lung[:, 1]) / np.ptp(lung[:, 0]))

    infants = np.mean([roundness(torso("baby", n)) for n in range(4)])
    assert infants > 0.8
    assert infants > 1.1 * np.mean([roundness(torso("usual", n)) for n in range(4)])
