"""Devices: each in the chest that it belongs to, of its own size, and there once."""

from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom.anatomy.chest import chest
from fhir2dicom.anatomy.device import MAKERS, devices
from fhir2dicom.model import Edit, Person
from fhir2dicom.seed import Seed

SEED = Seed("device").child("patient", "a")
MAN, WOMAN = Person("a", "M", 60.0, 1.90, 95.0), Person("b", "F", 60.0, 1.50, 45.0)
OUTSIDE = {"monitor-leads", "intrauterine-device"}


def extent(person: Person, part: str) -> np.ndarray:
    surfaces, tubes = devices([Edit("device", part, "L", key=7)], chest(person, SEED, ()).warp.to_patient)
    points = [s.vertices for s in surfaces.values()] + [p for t in tubes.values() for p in (t.start, t.end)]
    return np.concatenate(points)


@pytest.mark.parametrize("part", sorted(set(MAKERS) - OUTSIDE))
def test_a_device_is_within_the_skin_of_thin_and_heavy(part: str) -> None:
    for person in (MAN, WOMAN):
        skin = chest(person, SEED, ()).scene("arms-down").surfaces["skin"].vertices
        points = extent(person, part)
        assert (points > skin.min(0)).all()
        assert (points < skin.max(0)).all()


def test_a_can_is_as_large_in_a_small_woman_as_in_a_tall_man() -> None:
    sizes = []
    for person in (MAN, WOMAN):
        surfaces, _ = devices(
            [Edit("device", "pacemaker", "L", key=7)], chest(person, SEED, ()).warp.to_patient
        )
        (can,) = (s for n, s in surfaces.items() if n.endswith("can"))
        sizes.append(np.ptp(can.vertices, axis=0))
    assert np.allclose(sizes[0], sizes[1], atol=0.01)
    assert sizes[0][0] == pytest.approx(44, abs=1)


def test_a_pacemaker_is_on_the_side_that_is_said_and_its_lead_ends_in_the_right_ventricle() -> None:
    for side, sign in (("L", 1.0), ("R", -1.0)):
        edit = Edit("device", "pacemaker", side, key=3)  # type: ignore[arg-type]
        warp = chest(MAN, SEED, ()).warp
        surfaces, tubes = devices([edit], warp.to_patient)
        can = next(s for n, s in surfaces.items() if n.endswith("can"))
        assert sign * can.vertices[:, 0].mean() > 40
        apex = warp.to_patient(np.array([(54.0, 108.0, 134.0)], np.float32))[0]
        ends = np.concatenate([t.end for t in tubes.values()])
        assert np.sqrt(((ends - apex) ** 2).sum(1)).min() < 4


def test_two_operations_close_a_sternum_with_one_set_of_wires() -> None:
    warp = chest(MAN, SEED, ()).warp
    one = devices([Edit("device", "sternal-wires", key=1)], warp.to_patient)[1]
    two = devices([Edit("device", "sternal-wires", key=k) for k in (2, 1)], warp.to_patient)[1]
    assert [len(t.start) for t in one.values()] == [len(t.start) for t in two.values()]


def test_a_device_that_nobody_knows_is_passed_over() -> None:
    assert devices([Edit("device", "zeppelin")], chest(MAN, SEED, ()).warp.to_patient) == ({}, {})


def test_a_can_is_a_closed_box() -> None:
    surfaces, _ = devices([Edit("device", "defibrillator", "L", key=7)], chest(MAN, SEED, ()).warp.to_patient)
    for surface in surfaces.values():
        v, t = surface.vertices.astype(np.float64), surface.triangles
        a, b, c = v[t[:, 0]], v[t[:, 1]], v[t[:, 2]]
        box = np.ptp(v, axis=0).prod()
        assert 0.5 * box < (a * np.cross(b, c)).sum() / 6 < box
