"""The side of what there are two of."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orders import DX_CLASS, EVERY_FILM, PAIRED, SCT, instances, planned, with_series

from fhir2dicom.model import Code, Event, Identifier, StudyOrder, StudyPlan

WRIST = Code(SCT, "8205005", "Wrist region structure")
BROKEN_WRIST = Event(
    "condition", (Code(SCT, "263102004", "Fracture subluxation of wrist"),), start="2020-03-28"
)


def wrist(
    film: StudyOrder, *record: Event, count: int = 1, site: Code = WRIST, **changes: object
) -> StudyOrder:
    order = with_series(
        replace(film, procedures=(), record=record),
        **(
            {"body_site": site, "modality": Code("", "DX"), "instances": instances(count, DX_CLASS)} | changes
        ),
    )
    return with_series(order, instance_count=count)


def plan(order: StudyOrder) -> StudyPlan:
    return planned(order, catalog=EVERY_FILM)


def sides(order: StudyOrder) -> list[str]:
    return [shot.laterality for shot in plan(order).series[0].shots]


def patients(order: StudyOrder, count: int) -> list[StudyOrder]:
    people = [replace(order.patient, identifiers=(Identifier("", str(k), "MR"),)) for k in range(count)]
    return [replace(order, patient=p) for p in people]


def test_a_side_that_nobody_says_is_drawn_once_for_a_patient(film: StudyOrder) -> None:
    drawn = [sides(o) for o in patients(wrist(film), 30)]
    assert {s for (s,) in drawn} == {"L", "R"}
    later = [
        sides(replace(o, id="2", started="2024-01-01", uids=("1.2.9",))) for o in patients(wrist(film), 30)
    ]
    assert later == drawn
    assert any("no side; " in n and "drawn from the patient" in n for n in plan(wrist(film)).notes)


@pytest.mark.parametrize("word", ["Left wrist", "Handgelenk links", "muñeca izquierda"])
def test_a_side_is_read_from_the_words_of_the_site_the_series_and_the_study(
    film: StudyOrder, word: str
) -> None:
    bare = replace(WRIST, display="")
    assert sides(wrist(film, site=replace(bare, display=word))) == ["L"]
    assert sides(wrist(film, site=bare, description=word)) == ["L"]
    assert sides(replace(wrist(film, site=bare), description=word)) == ["L"]
    assert sides(replace(wrist(film, site=bare), procedures=(Code("", "", word),))) == ["L"]


@pytest.mark.parametrize(("code", "side"), [("7771000", "L"), ("24028007", "R")])
def test_fhirs_side_comes_first(film: StudyOrder, code: str, side: str) -> None:
    right = replace(BROKEN_WRIST, codes=(replace(BROKEN_WRIST.codes[0], display="Fracture of right wrist"),))
    assert sides(wrist(film, right, laterality=Code(SCT, code))) == [side]


@pytest.mark.parametrize(("word", "side"), [("left", "L"), ("right", "R")])
def test_a_film_is_taken_of_the_side_that_is_broken(film: StudyOrder, word: str, side: str) -> None:
    broken = replace(
        BROKEN_WRIST, codes=(replace(BROKEN_WRIST.codes[0], display=f"Fracture of {word} wrist"),)
    )
    for order in patients(wrist(film, broken), 5):
        assert sides(order) == [side]
        assert plan(order).findings[0].laterality == side
        assert f"series 1: no side; {side} as the finding wrist-fracture" in plan(order).notes


def test_a_break_without_a_side_is_on_the_side_that_is_filmed(film: StudyOrder) -> None:
    for order in patients(wrist(film, BROKEN_WRIST), 20):
        assert [plan(order).findings[0].laterality] == sides(order)
    for order in patients(wrist(film, BROKEN_WRIST, laterality=Code(SCT, "7771000")), 5):
        assert plan(order).findings[0].laterality == "L"


def test_all_films_of_a_limb_are_of_one_side(film: StudyOrder) -> None:
    humerus = Code(SCT, "40983000", "Structure of upper extremity between shoulder and elbow")
    broken = Event("condition", (Code(SCT, "65966004", "Fracture of forearm"),), start="2020-03-28")
    for one, other in zip(
        patients(wrist(film), 10), patients(wrist(film, broken, site=humerus), 10), strict=True
    ):
        assert sides(one) == sides(other) == [plan(other).findings[0].laterality]


def test_both_sides_alternate(film: StudyOrder) -> None:
    order = wrist(film, laterality=Code(SCT, "51440002"), count=4)
    made = plan(order).series[0]
    assert [(s.laterality, s.protocol.view) for s in made.shots] == [
        ("R", "PA"),
        ("L", "PA"),
        ("R", "LAT"),
        ("L", "LAT"),
    ]
    assert made.laterality == "B"


def test_both_sides_that_nobody_counted_are_the_routine_of_each(film: StudyOrder) -> None:
    order = with_series(wrist(film, laterality=Code(SCT, "51440002")), instances=(), instance_count=None)
    assert sides(order) == ["R", "L"] * 3


def test_a_title_tells_the_side_of_its_film(film: StudyOrder) -> None:
    listed = tuple(
        replace(i, title=t)
        for i, t in zip(instances(3, DX_CLASS), ("L WRIST PA", "right lateral", "oblique R"), strict=True)
    )
    order = with_series(wrist(film), instances=listed, instance_count=3)
    assert sides(order) == ["L", "R", "R"]


@pytest.mark.parametrize("words", ["Radio de l'épaule", "Dr. L. Smith", "XR L-SPINE", "wrist at L 5"])
def test_a_letter_that_means_something_else_is_no_side(film: StudyOrder, words: str) -> None:
    drawn = [sides(wrist(o, description=words)) for o in patients(film, 12)]
    assert drawn == [sides(wrist(o)) for o in patients(film, 12)]


@pytest.mark.parametrize("region", sorted(PAIRED - {"breast"}))
def test_every_part_that_is_one_of_two_has_a_side(film: StudyOrder, region: str) -> None:
    site = next(r.code for r in EVERY_FILM.regions if r.name == region)
    for order in patients(wrist(film, site=site, count=4), 4):
        assert set(sides(order)) in ({"L"}, {"R"})


def test_a_part_of_which_there_is_one_has_no_side(film: StudyOrder) -> None:
    assert sides(wrist(film, site=Code(SCT, "12921003", "Pelvis"))) == [""]
    assert sides(wrist(film, site=Code(SCT, "51185008", "Chest"), description="nodule in the left lung")) == [
        ""
    ]


def test_a_row_may_have_a_side_of_its_own(film: StudyOrder) -> None:
    order = wrist(film, site=Code(SCT, "91609006", "Mandible"), count=3)
    assert sides(order) == ["", "R", "L"]


def mammogram(film: StudyOrder, **changes: object) -> StudyOrder:
    removed = Event("procedure", (Code(SCT, "172043006", "Simple mastectomy"),), start="2011-03-28")
    return wrist(
        film, removed, site=Code(SCT, "76752008", "Breast"), modality=Code("", "MG"), count=4, **changes
    )


def test_a_breast_that_was_removed_is_not_filmed(film: StudyOrder) -> None:
    for order in patients(mammogram(film), 8):
        (removed,) = plan(order).findings
        assert set(sides(order)) == {"R", "L"} - {removed.laterality}
        assert any("the other one was removed" in n for n in plan(order).notes)


@pytest.mark.parametrize(("code", "side"), [("7771000", "L"), ("24028007", "R")])
def test_a_breast_that_is_filmed_was_not_the_one_removed(film: StudyOrder, code: str, side: str) -> None:
    order = mammogram(film, laterality=Code(SCT, code))
    assert set(sides(order)) == {side}
    assert plan(order).findings[0].laterality == {"R": "L", "L": "R"}[side]
