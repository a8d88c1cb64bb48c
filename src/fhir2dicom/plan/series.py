"""One series: what makes it, of which part of the body, how, how often, under which UIDs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from fhir2dicom.model import (
    Code,
    InstancePlan,
    Laterality,
    Protocol,
    SeriesOrder,
    SeriesPlan,
    Shot,
    StudyOrder,
    When,
)
from fhir2dicom.plan.catalog import Catalog, IodRow, ModalityRow
from fhir2dicom.plan.contrast import contrast_of
from fhir2dicom.plan.counts import Slices, Wish, count_of, numbered, setting_of
from fhir2dicom.plan.iods import iod_of, made_now, makers, regions_made
from fhir2dicom.plan.modalities import NOT_IMAGES, modality_of, named, sop_class_of
from fhir2dicom.plan.protocol_row import Row
from fhir2dicom.plan.protocols import (
    as_ordered,
    film_count,
    films,
    procedure_name,
    row_for,
    rows_for,
    usual_region,
)
from fhir2dicom.plan.sites import Site, atlas, side_of_film, side_of_series, site_of
from fhir2dicom.plan.texts import LONG, fit, printable
from fhir2dicom.plan.uids import Uids
from fhir2dicom.plan.when import moment
from fhir2dicom.seed import Seed

_PLAIN = Protocol("plain", "", "", 512, 512)
"""For a modality and region without a row of their own."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A series that is not made, and why."""

    kind: Literal["not-made-yet", "not-an-image", "unreadable"]
    message: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What a series is: settled before anything is counted or named."""

    series: SeriesOrder
    number: int
    where: str
    maker: ModalityRow
    iod: IodRow
    site: Site
    rows: tuple[Row, ...]


@dataclass(slots=True)
class Desk:
    """What the series of one study share while they are planned."""

    order: StudyOrder
    catalog: Catalog
    slices: Slices | None
    seed: Seed
    study_uid: str
    started: When
    uids: Uids
    notes: list[str]
    turns: dict[tuple[str, str], int] = field(default_factory=dict)

    def turn(self, choice: Choice) -> int:
        """Return how many series of this kind came before."""
        kind = (choice.maker.name, choice.site.region)
        self.turns[kind] = self.turns.get(kind, -1) + 1
        return self.turns[kind]


def choose(
    order: StudyOrder, series: SeriesOrder, number: int, catalog: Catalog, notes: list[str]
) -> Choice | Gap:
    """Settle modality, storage object and part of the body, or say why the series cannot be made."""
    where = f"series {number}"
    modality = modality_of(order, series, where, notes)
    if not modality:
        return Gap("unreadable", "nothing says which modality: no modality, SOP class or telling word")
    if modality in NOT_IMAGES:
        return Gap("not-an-image", f"{named(modality)} is no image")
    known = atlas(catalog)
    candidates = makers(catalog, modality)
    usual = usual_region(regions_made(candidates[0], catalog)) if candidates else ""
    site = site_of(order, series, known, usual)
    able = [m for m in candidates if site.region in regions_made(m, catalog)]
    if not able:
        return Gap("not-made-yet", _not_made(modality, site, candidates, catalog))
    if site.note:
        notes.append(f"{where}: {site.note}")
    iod = iod_of(able[0], modality, sop_class_of(series), where, notes)
    return Choice(series, number, where, able[0], iod, site, rows_for(able[0].name, site.region))


def _not_made(modality: str, site: Site, candidates: tuple[ModalityRow, ...], catalog: Catalog) -> str:
    of = f" of {site.said}" if site.said else ""
    if not candidates:
        return f"not made yet: {named(modality)}{of}; made now: {made_now(catalog)}"
    regions = sorted({r for m in candidates for r in regions_made(m, catalog)})
    return f"not made yet: {named(modality)}{of}; {modality} made now of: {', '.join(regions) or 'nothing'}"


def plan_series(desk: Desk, choice: Choice) -> SeriesPlan:
    """Return the series with nothing left to decide."""
    order, series, where = desk.order, choice.series, choice.where
    turn = desk.turn(choice)
    row = row_for(choice.rows, order, series, turn) if choice.rows else Row(_plain(choice))
    names = (choice.iod.modality, choice.maker.name)
    setting = setting_of(desk.slices, names, stack=row.stack)
    usual = row.protocol.frames if row.stack else film_count(choice.rows, order, series)
    count = count_of(series, Wish(setting, usual, row.stack), where, desk.notes)
    uid = desk.uids.settle(series.uid, _name(desk, choice), where, "series")
    instances = _instances(desk, choice, uid, count)
    side = side_of_series(series, choice.site.region)
    shots = (
        _stack(desk, choice, row, side, instances)
        if row.stack
        else _films(desk, choice, row, side, instances)
    )
    return SeriesPlan(
        uid=uid,
        number=choice.number,
        modality=choice.iod.modality,
        sop_class=choice.iod.sop_class,
        physics=choice.maker.name,
        region=choice.site.region,
        body_part=choice.site.body_part,
        body_site=_printable(choice.site.code),
        laterality=side,
        frame_of_reference_uid=desk.seed.child(
            "frame of reference", desk.study_uid, choice.site.region
        ).uid(),
        description=fit(series.description, LONG, f"{where}: description", desk.notes) or _described(shots),
        started=_started(desk, series, where),
        shots=shots,
        performers=tuple(map(printable, series.performers)),
    )


def _described(shots: tuple[Shot, ...]) -> str:
    return ", ".join(dict.fromkeys(s.protocol.description for s in shots if s.protocol.description))[:LONG]


def _plain(choice: Choice) -> Protocol:
    return replace(_PLAIN, modality=choice.maker.name, region=choice.site.region)


def _name(desk: Desk, choice: Choice) -> Seed:
    return desk.seed.child("series", desk.study_uid, choice.number)


def _printable(code: Code) -> Code:
    return Code(printable(code.system), printable(code.value), printable(code.display))


def _started(desk: Desk, series: SeriesOrder, where: str) -> When:
    if not series.started:
        return desk.started
    when = moment(series.started, f"{where}: started", desk.notes).when
    return when if when.date else desk.started


def _instances(desk: Desk, choice: Choice, uid: str, count: int) -> tuple[InstancePlan, ...]:
    """Return the instances: those that FHIR lists, then derived ones up to the count."""
    listed = numbered(choice.series.instances, choice.where, desk.notes)[:count]
    last = max((n for n, _ in listed), default=0)
    seed = desk.seed.child("instance", uid)
    settle, derive = desk.uids.settle, desk.uids.derive
    return (
        *(
            InstancePlan(settle(i.uid, seed.child(n), choice.where, "instance"), n, printable(i.title)[:LONG])
            for n, i in listed
        ),
        *(InstancePlan(derive(seed.child(n)), n) for n in range(last + 1, last + 1 + count - len(listed))),
    )


def _stack(
    desk: Desk, choice: Choice, row: Row, side: Laterality, instances: tuple[InstancePlan, ...]
) -> tuple[Shot, ...]:
    """Return one acquisition of all slices."""
    phase, note = contrast_of(desk.order, choice.series, choice.site.region)
    if note:
        desk.notes.append(f"{choice.where}: {note}")
    protocol = as_ordered(
        replace(row.protocol, contrast=phase), choice.series.parameters, choice.where, desk.notes
    )
    return (Shot(protocol, side, len(instances), instances),)


def _films(
    desk: Desk, choice: Choice, row: Row, side: Laterality, instances: tuple[InstancePlan, ...]
) -> tuple[Shot, ...]:
    """Return one acquisition an instance: frontal, lateral, and so on by turns."""
    rows = films(choice.rows or (row,), desk.order, choice.series, tuple(i.title for i in instances))
    parameters, where = choice.series.parameters, choice.where
    return tuple(
        Shot(
            as_ordered(replace(r.protocol, modality=choice.iod.modality), parameters, where, desk.notes),
            side_of_film(i.title, choice.site.region) or side,
            r.protocol.frames,
            (i,),
        )
        for r, i in zip(rows, instances, strict=True)
    )


def default_series(order: StudyOrder, catalog: Catalog, notes: list[str]) -> tuple[SeriesOrder, ...]:
    """Return the series of a study for which FHIR lists none: as many as the protocol's routine has."""
    scratch: list[str] = []
    plain = SeriesOrder()
    choice = choose(order, plain, 1, catalog, scratch)
    routine = [r for r in choice.rows if r.routine and r.stack] if isinstance(choice, Choice) else []
    count = order.series_count if order.series_count and order.series_count > 0 else max(1, len(routine))
    total = order.instance_count if order.instance_count and order.instance_count > 0 else None
    count = min(count, total or count, MOST_SERIES)
    name = procedure_name(order.procedures) or order.description or "the study"
    notes.append(f"study: no series listed; {count} planned for {printable(name)[:60]}")
    shares = [None if total is None else total // count + (k < total % count) for k in range(count)]
    return tuple(replace(plain, number=k, instance_count=share) for k, share in enumerate(shares, start=1))


MOST_SERIES = 1000
"""Series of one study that are made."""
