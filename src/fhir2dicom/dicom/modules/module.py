"""The contract of a module: what it fills, and what PS3.3 says must be there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fhir2dicom.model import Attributes, Frames, SeriesPlan, Shot, StudyPlan


@dataclass(frozen=True, eq=False, slots=True)
class Context:
    """Everything a module can know: one shot of a series, and the frames it became."""

    plan: StudyPlan
    series: SeriesPlan
    shot: Shot
    frames: Frames


Fill = Callable[[Context], Attributes]


@dataclass(frozen=True, slots=True)
class Module:
    """One module under the name IODs call it by.

    Values of the physics come on top of what `fill` returns; then ``type2`` keywords still missing are
    written empty, and a ``type1`` keyword still missing or empty is an error.
    """

    name: str
    fill: Fill
    type1: tuple[str, ...] = ()
    type2: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    """What a physics may say that the IOD has no place for, or that `fill` knows better."""


def module(
    *, type1: tuple[str, ...] = (), type2: tuple[str, ...] = (), foreign: tuple[str, ...] = ()
) -> Callable[[Fill], Module]:
    """Make a `Module` of a function, named like it."""
    return lambda fill: Module(fill.__name__, fill, type1, type2, foreign)
