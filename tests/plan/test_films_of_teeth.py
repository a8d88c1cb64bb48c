from __future__ import annotations

from dataclasses import replace

import pytest
from orders import CATALOG, IO_CLASS, SCT, instances

from fhir2dicom.model import Code, Problem, SeriesPlan, StudyOrder
from fhir2dicom.plan.catalog import IodRow, ModalityRow, RegionRow
from fhir2dicom.plan.study import plan_study

MOUTH = Code(SCT, "700016008", "Structure of region of internal part of mouth (body structure)")
KNOWN = replace(
    CATALOG,
    modalities=(
        *CATALOG.modalities,
        ModalityRow("IO", ("IO",), (IodRow(IO_CLASS, "IO"), IodRow(f"{IO_CLASS}.1", "IO")), ("mouth",)),
    ),
    regions=(
        *CATALOG.regions,
        RegionRow("mouth", "MOUTH", Code(SCT, "123851003", "Mouth"), frozenset({"700016008"}), ("mouth",)),
    ),
)


def series(
    order: StudyOrder, count: int, sop_class: str = IO_CLASS, said: str = "", seed: str = "s"
) -> SeriesPlan:
    asked = replace(
        order.series[0],
        modality=Code("http://dicom.nema.org/resources/ontology/DCM", "DX"),
        body_site=MOUTH,
        description=said,
        instances=tuple(replace(i, sop_class=sop_class) for i in instances(count)),
        instance_count=count,
    )
    plan = plan_study(replace(order, description="", procedures=(), series=(asked,)), seed, KNOWN, None)
    assert not isinstance(plan, Problem)
    return plan.series[0]


def views(found: SeriesPlan) -> list[tuple[str, str, int]]:
    return [(s.protocol.view, s.laterality, int(s.protocol.settings["tooth"])) for s in found.shots]


def test_one_film_is_a_bitewing_of_the_molars_of_the_side_that_is_drawn_from_the_patient(
    chest_ct: StudyOrder,
) -> None:
    sides = set()
    for k in range(12):
        found = series(chest_ct, 1, seed=f"p{k}")
        assert (found.modality, found.physics, found.region) == ("IO", "IO", "mouth")
        (shot,) = views(found)
        assert shot in {("BITEWING", "R", 46), ("BITEWING", "L", 36)}
        sides.add(shot[1])
    assert sides == {"R", "L"}


def test_two_films_are_bitewings_of_both_sides(chest_ct: StudyOrder) -> None:
    assert views(series(chest_ct, 2)) == [("BITEWING", "R", 46), ("BITEWING", "L", 36)]


def test_eighteen_films_are_the_full_mouth_each_place_once(chest_ct: StudyOrder) -> None:
    found = views(series(chest_ct, 18))
    assert [v for v, _, _ in found].count("BITEWING") == 4
    assert len({(v, tooth) for v, _, tooth in found}) == 18


def test_a_film_that_is_named_is_the_one_that_is_made(chest_ct: StudyOrder) -> None:
    assert views(series(chest_ct, 1, said="Periapical upper left molar"))[0][2] == 27


def test_a_raw_film_is_asked_of_the_physics_as_such(chest_ct: StudyOrder) -> None:
    found = series(chest_ct, 1, f"{IO_CLASS}.1")
    assert found.sop_class == f"{IO_CLASS}.1"
    assert found.shots[0].protocol.settings["for_processing"] == 1.0


@pytest.mark.parametrize("count", [1, 4, 7])
def test_no_film_is_larger_than_its_protocol_and_all_have_a_voltage(chest_ct: StudyOrder, count: int) -> None:
    for shot in series(chest_ct, count).shots:
        assert {shot.protocol.rows, shot.protocol.columns} == {1080, 1500}
        assert 60 <= shot.protocol.settings["kvp"] <= 70
