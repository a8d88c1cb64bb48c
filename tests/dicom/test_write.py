"""Frames and plan become instances, lazily, whatever the texts in the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hand_built import (
    CT,
    CT_MODULES,
    DX,
    DX_MODULES,
    frames,
    make,
    patient,
    raw,
    read,
    series,
    study,
    three_series,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir2dicom.dicom.values import EncodeError
from fhir2dicom.dicom.write import instances
from fhir2dicom.model import Code, HumanName, Identifier, InstancePlan, Window

ANY = st.text(st.characters(), max_size=80)
NASTY = ("\0", "\\", "\ud800", "A" * 10_000, "a^b=c^d", "\x1b$B", "\r\n\x7f", "\u202e", "𝒳" * 70)


def write(made_frames, *, count=3, modules=CT_MODULES, sop_class=CT, first=1):
    planned = series(sop_class, 1, count)
    return list(
        instances(study(series_plans=(planned,)), planned, planned.shots[0], modules, made_frames, first)
    )


def test_each_frame_of_a_stack_is_an_instance_with_its_place_in_the_patient():
    made = make(study())
    read_back = [read(i) for i in made]
    assert [d.InstanceNumber for d in read_back] == [1, 2, 3]
    assert (
        [d.SOPInstanceUID for d in read_back]
        == [i.uid for i in made]
        == ["1.2.3.1.1", "1.2.3.1.2", "1.2.3.1.3"]
    )
    assert [d.ImagePositionPatient[2] for d in read_back] == [-100, -97.5, -95]
    assert [i.ordinal for i in made] == [1, 2, 3]
    for k, dataset in enumerate(read_back):
        assert np.array_equal(dataset.pixel_array, frames().render(k))
        assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID


def test_ordinals_go_on_where_the_shot_before_ended():
    assert [i.ordinal for i in write(frames(), first=8)] == [8, 9, 10]


def test_one_instance_of_several_frames_is_a_multi_frame_object():
    cine = frames(attributes={**frames().attributes, "FrameTime": 33.3}, frame_attributes=lambda _: {})
    modules = ("frame_of_reference", "multi_frame", "modality_lut")
    (made,) = write(cine, count=1, modules=modules)
    dataset = read(made)
    assert (dataset.NumberOfFrames, dataset.FrameIncrementPointer) == (3, 0x00181063)
    assert np.array_equal(dataset.pixel_array, np.stack([cine.render(k) for k in range(3)]))


def test_a_photograph_in_colour_of_an_odd_count_of_bytes_is_padded():
    def render(_):
        return np.arange(5 * 5 * 3, dtype=np.uint8).reshape(5, 5, 3)

    photo = frames(
        count=1,
        rows=5,
        columns=5,
        render=render,
        dtype=np.uint8,
        bits_stored=8,
        photometric="RGB",
        windows=(),
    )
    (made,) = write(photo, count=1)
    assert len(made.pixels) == 76
    assert np.array_equal(read(made).pixel_array, render(0))


def test_frames_are_made_when_asked_for_and_not_before():
    asked = []

    def render(k):
        asked.append(k)
        return frames().render(k)

    planned = series()
    made = instances(
        study(series_plans=(planned,)), planned, planned.shots[0], CT_MODULES, frames(render=render), first=1
    )
    assert asked == []
    next(made)
    assert asked == [0]


def test_pixels_of_another_layout_are_written_row_by_row():
    def render(k):
        return np.asfortranarray(frames().render(k))

    (first, *_) = write(frames(render=render))
    assert np.array_equal(read(first).pixel_array, frames().render(0))


@pytest.mark.parametrize(
    ("changes", "count", "said"),
    [
        ({}, 2, "3 frames for 2 instances"),
        ({"render": lambda _: np.zeros((16, 15), np.int16)}, 3, r"\(16, 15\)"),
        ({"render": lambda _: np.zeros((16, 16), np.uint16)}, 3, "uint16"),
        ({"attributes": {"PatientName": "Doe"}}, 3, "PatientName is the plan's"),
        ({"attributes": {"SliceThickness": 1}}, 3, "ImageOrientationPatient is missing, and image_plane"),
        ({"frame_attributes": lambda _: {"SOPClassUID": "1.2"}}, 3, "SOPClassUID is the plan's"),
        ({"frame_attributes": lambda _: {}}, 3, "ImagePositionPatient is missing"),
        ({"attributes": {"Nonsense": 1}}, 3, "Nonsense"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_what(changes, count, said):
    with pytest.raises(EncodeError, match=said):
        write(frames(**changes), count=count)


def test_an_unknown_module_is_named_with_those_that_are_known():
    with pytest.raises(EncodeError, match="no DICOM module 'x_ray_vision'; known: acquisition_context, "):
        write(frames(), modules=("x_ray_vision",))


def test_a_film_without_its_detector_spacing_is_refused():
    bare = frames(DX, 1, attributes={"KVP": 110})
    with pytest.raises(EncodeError, match="ImagerPixelSpacing"):
        write(bare, count=1, modules=DX_MODULES, sop_class=DX)


def test_frames_with_other_attributes_than_the_first_are_written_too():
    def own(k):
        position = {"ImagePositionPatient": (0, 0, k)}
        return {**position, "TriggerTime": 5} if k == 1 else position

    assert ["TriggerTime" in read(i) for i in write(frames(frame_attributes=own))] == [False, True, False]


def test_the_physics_may_say_better_than_the_module():
    better = frames(attributes={**frames().attributes, "PatientPosition": "FFS"})
    assert read(write(better)[0]).PatientPosition == "FFS"


def test_windows_are_written_with_their_names():
    dataset = read(write(frames(windows=(Window(40, 400, "SOFT"), Window(1, 2))))[0])
    assert (list(dataset.WindowCenter), list(dataset.WindowWidth)) == ([40, 1], [400, 2])
    assert list(dataset.WindowCenterWidthExplanation) == ["SOFT", "WINDOW2"]


def test_the_same_plan_gives_the_same_bytes():
    assert [raw(i) for i in make(three_series())] == [raw(i) for i in make(three_series())]


def hostile(text):
    """Return a study with one text in every place that outsiders fill."""
    code = Code(text, text, text)
    planned = series(body_part=text, body_site=code, description=text, performers=(text, text), title=text)
    shot = replace(
        planned.shots[0], instances=tuple(replace(i, title=text) for i in planned.shots[0].instances)
    )
    return study(
        patient=patient(
            id=text,
            issuer=text,
            name=HumanName(text, (text, text), (text,), (text,)),
            birth_date=text,
            other_ids=(Identifier(text, text, text),),
        ),
        study_id=text,
        accession=text,
        accession_issuer=text,
        description=text,
        procedures=(code, code),
        reasons=(code,),
        referrer=text,
        readers=(text, text),
        institution=text,
        department=text,
        series_plans=(replace(planned, shots=(shot,)),),
    )


@settings(max_examples=60, deadline=None)
@given(st.one_of(ANY, st.sampled_from(NASTY)))
def test_no_text_of_a_plan_can_break_a_header(text):
    made = make(hostile(text))
    for instance in made:
        dataset = read(instance)
        assert len(list(dataset.iterall())) >= 75
        assert (dataset.StudyInstanceUID, dataset.SOPInstanceUID) == ("1.2.3", instance.uid)
        assert dataset.Rows == 16
        assert len(dataset.PixelData) == 512
        tags = [e.tag for e in dataset]
        assert tags == sorted(tags)


def test_an_instance_knows_its_study_for_whoever_stores_it():
    planned = series(shots=(replace(series().shots[0], instances=(InstancePlan("1.9", 7),), frames=1),))
    plan = study(series_plans=(planned,))
    (made,) = instances(plan, planned, planned.shots[0], CT_MODULES, frames(count=1), first=1)
    known = (made.uid, made.sop_class, made.series_uid, made.study_uid, made.series_number, made.modality)
    assert known == ("1.9", CT, "1.2.3.1", "1.2.3", 1, "CT")
    assert read(made).ImageComments == "SYNTHETIC, NOT FOR DIAGNOSIS"
