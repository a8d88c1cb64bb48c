"""Frames to instances: the header of every module the IOD names, then the pixel bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from fhir2dicom import plugs
from fhir2dicom.dicom import text, values
from fhir2dicom.dicom.header import Template
from fhir2dicom.dicom.modules.module import Context, Module
from fhir2dicom.dicom.modules.series import SYNTHETIC
from fhir2dicom.dicom.values import EncodeError
from fhir2dicom.model import Attributes, Frames, Instance, InstancePlan, SeriesPlan, Shot, StudyPlan

EVERY_IMAGE = (
    "patient",
    "patient_study",
    "general_study",
    "general_series",
    "general_equipment",
    "general_image",
    "image_pixel",
    "voi_lut",
    "sop_common",
)
"""Modules of every image IOD; those that an IOD names come after and may say more."""

_IDENTITY = ("StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID", "PatientID", "PatientName")
"""Never the business of a physics."""


def instances(
    plan: StudyPlan, series: SeriesPlan, shot: Shot, modules: Sequence[str], frames: Frames, first: int
) -> Iterator[Instance]:
    """Yield the instances of one shot in order, holding the pixels of one at a time.

    As many instances as frames: one frame each. One instance: a multi-frame object of them all.

    Raises
    ------
    EncodeError
        A type 1 attribute is missing, a value cannot be written, or frames and plan do not fit: a bug in
        whoever made them.
    """
    context = Context(plan, series, shot, frames)
    shared, named = _shared(context, modules)
    several = frames.count != len(shot.instances)
    if several and len(shot.instances) != 1:
        raise EncodeError(f"series {series.uid}: {frames.count} frames for {len(shot.instances)} instances")
    template: Template | None = None
    size = _frame_bytes(frames) * (frames.count if several else 1)
    for k, instance in enumerate(shot.instances):
        varying = values.normal(_own(instance, {} if several else frames.frame_attributes(k)))
        if template is None or template.varying != varying.keys():
            _own_business(varying)
            _demand({**shared, **varying}, named, series.sop_class)
            template = Template(shared, varying, size)
        yield Instance(
            uid=instance.uid,
            sop_class=series.sop_class,
            series_uid=series.uid,
            study_uid=plan.uid,
            series_number=series.number,
            modality=series.modality,
            ordinal=first + k,
            header=template.header(varying),
            pixels=_joined(frames) if several else _padded(_pixels(frames, k)),
        )


def _shared(context: Context, modules: Sequence[str]) -> tuple[Attributes, tuple[Module, ...]]:
    """Return the normal attributes that all instances of a shot share, and the modules that asked for them."""
    known = plugs.load(Module)
    wanted = dict.fromkeys((*EVERY_IMAGE, *modules))
    if unknown := [name for name in wanted if name not in known]:
        raise EncodeError(f"no DICOM module {unknown[0]!r}; known: {', '.join(known)}")
    named = tuple(known[name] for name in wanted)
    found: dict[str, object] = {}
    for module in named:
        found |= module.fill(context)
    _own_business(context.frames.attributes)
    foreign = {keyword for module in named for keyword in module.foreign}
    found |= {k: v for k, v in context.frames.attributes.items() if k not in foreign}
    for module in named:
        found = dict.fromkeys(module.type2, "") | found
    return values.normal(found), named


def _own(instance: InstancePlan, frame: Attributes) -> Attributes:
    """Return what is one instance's own."""
    title = text.line(instance.title)
    comment = {"ImageComments": f"{title}. {SYNTHETIC}"} if title else {}
    return {**frame, **comment, "SOPInstanceUID": instance.uid, "InstanceNumber": instance.number}


def _own_business(attributes: Attributes) -> None:
    """Refuse identity that a physics made up."""
    if foreign := [keyword for keyword in _IDENTITY if keyword in attributes]:
        raise EncodeError(f"{foreign[0]} is the plan's, and the physics gave one")


def _demand(attributes: Attributes, modules: Sequence[Module], sop_class: str) -> None:
    for module in modules:
        for keyword in module.type1:
            if attributes.get(keyword) in (None, "", ()):
                raise EncodeError(f"{sop_class}: {keyword} is missing, and {module.name} must have it")


def _frame_bytes(frames: Frames) -> int:
    samples = 1 if frames.photometric.startswith("MONOCHROME") else 3
    return frames.rows * frames.columns * samples * np.dtype(frames.dtype).itemsize


def _pixels(frames: Frames, k: int) -> memoryview:
    """Return one frame's bytes, little endian."""
    pixels = frames.render(k)
    colour = () if frames.photometric.startswith("MONOCHROME") else (3,)
    if pixels.shape != (frames.rows, frames.columns, *colour) or pixels.dtype != frames.dtype:
        raise EncodeError(
            f"frame {k} is {pixels.dtype} {pixels.shape}, not {np.dtype(frames.dtype)} "
            f"{(frames.rows, frames.columns, *colour)}"
        )
    kind = pixels.dtype.newbyteorder("<")
    return np.ascontiguousarray(pixels, dtype=kind).reshape(-1).view(np.uint8).data


def _padded(pixels: memoryview) -> bytes | memoryview:
    return pixels.tobytes() + b"\0" if len(pixels) % 2 else pixels


def _joined(frames: Frames) -> memoryview | bytes:
    whole = bytearray(_frame_bytes(frames) * frames.count)
    size = _frame_bytes(frames)
    for k in range(frames.count):
        whole[k * size : (k + 1) * size] = _pixels(frames, k)
    return _padded(memoryview(whole))
