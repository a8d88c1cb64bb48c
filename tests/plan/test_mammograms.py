"""Which mammograms a study is: two views of either side by turns, or what titles, words and sides say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orders import EVERY_FILM, MG_CLASS, SCT, instances, planned, with_series

from fhir2dicom.model import Code, SeriesPlan, StudyOrder

RAW_CLASS = "1.2.840.10008.5.1.4.1.1.1.2.1"
CATALOG = replace(
    EVERY_FILM,
    modalities=tuple(
        replace(m, iods=(*m.iods, replace(m.iods[0], sop_class=RAW_CLASS))) if m.name == "MG" else m
        for m in EVERY_FILM.modalities
    ),
)


def series(film: StudyOrder, *titles: str, sop_class: str = MG_CLASS, **changes: object) -> SeriesPlan:
    listed = tuple(
        replace(i, title=t) for i, t in zip(instances(len(titles), sop_class), titles, strict=True)
    )
    of = {
        "body_site": Code(SCT, "76752008", "Breast structure"),
        "modality": Code("", "MG"),
        "instances": listed,
        "instance_count": len(titles) or None,
    }
    order = with_series(replace(film, procedures=(), description=""), **(of | changes))
    (only,) = planned(order, catalog=CATALOG).series
    return only


def views(planned_series: SeriesPlan) -> list[str]:
    return [f"{s.laterality} {s.protocol.view}" for s in planned_series.shots]


EXAM = ["R CC", "L CC", "R MLO", "L MLO"]


def test_an_exam_that_nobody_counted_is_four_films(film: StudyOrder) -> None:
    found = series(film)
    assert views(found) == EXAM
    assert found.laterality == "B"


@pytest.mark.parametrize("count", [1, 2, 4, 5])
def test_films_without_a_title_take_turns(film: StudyOrder, count: int) -> None:
    assert views(series(film, *[""] * count)) == (EXAM * 2)[:count]


@pytest.mark.parametrize(
    ("title", "view"),
    [
        ("RCC", "R CC"),
        ("L MLO", "L MLO"),
        ("MLO left", "L MLO"),
        ("R-CC", "R CC"),
        ("Left CC", "L CC"),
        ("LML", "L ML"),
    ],
)
def test_a_title_names_view_and_side(film: StudyOrder, title: str, view: str) -> None:
    assert views(series(film, title)) == [view]
    assert views(series(film, "", title))[1] == view


@pytest.mark.parametrize(("side", "code"), [("L", "7771000"), ("R", "24028007")])
def test_a_series_of_one_side_has_two_views_of_it(film: StudyOrder, side: str, code: str) -> None:
    assert views(series(film, laterality=Code(SCT, code))) == [f"{side} CC", f"{side} MLO"]
    assert views(series(film, "CC", "MLO", laterality=Code(SCT, code))) == [f"{side} CC", f"{side} MLO"]
    words = {"L": "Mammogram left breast", "R": "Right breast"}[side]
    assert views(series(film, "", "", description=words)) == [f"{side} CC", f"{side} MLO"]


def test_a_bilateral_series_is_the_exam(film: StudyOrder) -> None:
    both = Code(SCT, "51440002", "Bilateral")
    assert views(series(film, laterality=both)) == EXAM
    assert views(series(film, *[""] * 4, laterality=both)) == EXAM


def test_views_without_a_side_are_of_the_right_then_of_the_left(film: StudyOrder) -> None:
    assert views(series(film, "CC", "CC", "MLO", "MLO")) == EXAM
    assert views(series(film, description="MLO")) == ["R MLO", "L MLO"]


def test_a_raw_film_knows_that_it_is_raw(film: StudyOrder) -> None:
    raw, shown = series(film, "", sop_class=RAW_CLASS), series(film, "")
    assert raw.sop_class == RAW_CLASS and raw.shots[0].protocol.settings["for_processing"] == 1.0
    assert "for_processing" not in shown.shots[0].protocol.settings
