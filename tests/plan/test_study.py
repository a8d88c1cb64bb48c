"""Whole studies."""

from __future__ import annotations

from dataclasses import replace

from fhir2dicom.model import Code, Problem, SeriesOrder, StudyOrder, StudyPlan
from fhir2dicom.plan.catalog import Catalog
from fhir2dicom.plan.saved import dump
from fhir2dicom.plan.study import plan_study


def planned(order: StudyOrder, catalog: Catalog, slices: object = None) -> StudyPlan:
    plan = plan_study(order, "seed", catalog, slices)
    assert isinstance(plan, StudyPlan), plan
    return plan


def test_a_chest_ct_is_planned_as_it_was_ordered(chest_ct: StudyOrder, catalog: Catalog) -> None:
    plan = planned(chest_ct, catalog)
    (series,) = plan.series
    assert (plan.uid, series.uid, series.modality, series.region) == (
        "1.2.826.0.1.4",
        "1.2.826.0.1.5",
        "CT",
        "chest",
    )
    assert [i.uid for s in series.shots for i in s.instances] == [i.uid for i in chest_ct.series[0].instances]
    assert (plan.started.date, plan.started.time, plan.started.offset) == ("20200328", "115254", "+0000")


def test_the_server_id_changes_nothing_but_the_folder(chest_ct: StudyOrder, catalog: Catalog) -> None:
    again = replace(chest_ct, id="99", where="x", patient=replace(chest_ct.patient, id="p9"))
    assert dump(replace(planned(again, catalog), id="17")) == dump(planned(chest_ct, catalog))


def test_a_cancelled_study_is_a_problem(chest_ct: StudyOrder, catalog: Catalog) -> None:
    for status in ("cancelled", "entered-in-error"):
        problem = plan_study(replace(chest_ct, status=status), "seed", catalog)
        assert isinstance(problem, Problem)
        assert problem.kind == "cancelled"


def test_what_can_be_made_is_made_and_the_rest_is_named(chest_ct: StudyOrder, catalog: Catalog) -> None:
    other = SeriesOrder(uid="1.2.3", number=2, modality=Code("", "SR"))
    plan = planned(replace(chest_ct, series=(*chest_ct.series, other)), catalog)
    assert len(plan.series) == 1
    assert any("series 2: left out, SR (Structured Report Document)" in n for n in plan.notes)
