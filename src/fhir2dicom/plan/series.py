"""One series: what makes it, of which part of the body, how, how often, under which UIDs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from fhir2dicom.model import (
    Code,
    FindingPlan,
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
from fhir2dicom.plan.iods import FOR_PROCESSING, film_maker, iod_of, made_now, makers, regions_made
from fhir2dicom.plan.modalities import NOT_IMAGES, RADIOGRAPHS, WHY_NOT, modality_of, named, sop_class_of
from fhir2dicom.plan.protocol_row import Row, words_of
from fhir2dicom.plan.protocols import (
    as_ordered,
    procedure_name,
    row_for,
    rows_for,
    usual_region,
)
from fhir2dicom.plan.sides import OTHER, side_here, side_left
from fhir2dicom.plan.sites import Seen, Site, atlas, side_of_series, site_of
from fhir2dicom.plan.texts import LONG, fit, printable
from fhir2dicom.plan.uids import Uids
from fhir2dicom.plan.views import film_count, films, named_in, of_both_sides
from fhir2dicom.plan.when import moment
from fhir2dicom.seed import Seed

_PLAIN = Protocol("plain", "", "", 512, 512)
"""For a modality and region without a row of their own."""


_JAWS = frozenset({"661005", "70925003", "91609006"})
"""Jaw region, maxilla, mandible: what PS3.3 C.8.11.9 wants of an intra-oral film (CID 4016)."""


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
    side: Laterality
    """What FHIR says; empty too where a paired part is meant and nobody says which."""
    paired: bool

    @property
    def stack(self) -> bool:
        """Return whether its rows are sections, many of one acquisition."""
        return any(r.stack for r in self.rows)


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
    patient: Seed
    """The patient's, from which all their studies draw alike."""
    findings: tuple[FindingPlan, ...] = ()
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
    site = _site(order, series, modality, catalog)
    if other := film_maker(order, series, modality, site.region, catalog):
        notes.append(f"{where}: modality {modality}, but a film of the {site.region} is {named(other)}")
        modality, site = other, _site(order, series, other, catalog)
    candidates = makers(catalog, modality)
    able = [m for m in candidates if site.region in regions_made(m, catalog)]
    if not able:
        return Gap("not-made-yet", _not_made(modality, site, candidates, catalog))
    if site.note:
        notes.append(f"{where}: {site.note}")
    iod = iod_of(able[0], modality, sop_class_of(series), where, notes)
    if iod.modality == "IO" and site.code.value not in _JAWS:
        notes.append(
            f"{where}: an intra-oral film names the jaw that it shows as its region, not {site.said}"
        )
    paired = any(r.name == site.region and r.paired for r in catalog.regions)
    side = side_of_series(order, series, paired=paired)
    rows = rows_for(able[0].name, site.region)
    return Choice(series, number, where, able[0], iod, site, rows, side, paired)


def _site(order: StudyOrder, series: SeriesOrder, modality: str, catalog: Catalog) -> Site:
    found = makers(catalog, modality)
    seen = tuple(dict.fromkeys(r for m in found for r in regions_made(m, catalog)))
    everywhere = frozenset(r.name for r in catalog.regions)
    regions = frozenset(seen) if found else everywhere
    return site_of(
        order, series, atlas(catalog), Seen(regions, usual_region(seen), films=modality in RADIOGRAPHS)
    )


def _not_made(modality: str, site: Site, candidates: tuple[ModalityRow, ...], catalog: Catalog) -> str:
    of = f" of {site.said}" if site.said else ""
    if not candidates:
        why = f" ({WHY_NOT[modality]})" if modality in WHY_NOT else ""
        return f"not made yet: {named(modality)}{of}{why}; made now: {made_now(catalog)}"
    regions = sorted({r for m in candidates for r in regions_made(m, catalog)})
    return f"not made yet: {named(modality)}{of}; {modality} made now of: {', '.join(regions) or 'nothing'}"


def plan_series(desk: Desk, choice: Choice) -> SeriesPlan:
    """Return the series with nothing left to decide."""
    order, series, where = desk.order, choice.series, choice.where
    turn = desk.turn(choice)
    row = row_for(choice.rows, order, series, turn) if choice.rows else Row(_plain(choice))
    names = (choice.iod.modality, choice.maker.name)
    setting = setting_of(desk.slices, names, stack=row.stack)
    side = _side(desk, choice)
    usual = row.protocol.frames if row.stack else film_count(choice.rows or (row,), order, series, side)
    count = count_of(series, Wish(setting, usual, row.stack), where, desk.notes)
    side = side or (_of_a_lone_film(desk, choice) if count == 1 else "")
    uid = desk.uids.settle(series.uid, _name(desk, choice), where, "series")
    instances = _instances(desk, choice, uid, count)
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
        laterality=_common(shots, side),
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
        replace(row.protocol, contrast=phase),
        choice.maker.name,
        choice.series.parameters,
        choice.where,
        desk.notes,
    )
    return (Shot(protocol, side, len(instances), instances),)


def _films(
    desk: Desk, choice: Choice, row: Row, side: Laterality, instances: tuple[InstancePlan, ...]
) -> tuple[Shot, ...]:
    """Return one acquisition an instance: frontal, lateral, and so on by turns."""
    titles = tuple(i.title for i in instances)
    views = films(choice.rows or (row,), desk.order, choice.series, titles, side)
    parameters, where = choice.series.parameters, choice.where
    made = (_written(v.row.protocol, choice.iod) for v in views)
    protocols = [as_ordered(p, choice.maker.name, parameters, where, desk.notes) for p in made]
    return tuple(
        Shot(p, v.laterality, p.frames, (i,)) for p, v, i in zip(protocols, views, instances, strict=True)
    )


def _written(protocol: Protocol, iod: IodRow) -> Protocol:
    """Return a protocol as its storage object wants it: of the IOD's modality, and raw where that is For Processing."""
    raw = {"for_processing": 1.0} if iod.sop_class in FOR_PROCESSING else {}
    return replace(protocol, modality=iod.modality, settings={**protocol.settings, **raw})


def _side(desk: Desk, choice: Choice) -> Laterality:
    """Return the side of a series; of a paired part one is always found."""
    if of_both_sides(choice.rows) and choice.side not in OTHER and (left := side_left(desk.findings)):
        desk.notes.append(f"{choice.where}: films of one side, {left}; the other one was removed")
        return left
    if choice.side or not choice.paired or of_both_sides(choice.rows):
        return choice.side
    side, why = side_here(choice.site.region, desk.findings, desk.catalog.findings, desk.patient)
    desk.notes.append(f"{choice.where}: {why}")
    return side


def _of_a_lone_film(desk: Desk, choice: Choice) -> Laterality:
    """Return the side of one film of which the routine has either side, as of a bitewing, where nothing names it."""
    series = choice.series
    routine = {r.laterality for r in choice.rows if r.routine}
    said = (words_of(desk.order, series), *(i.title for i in series.instances))
    if len(routine) != 1 or not routine <= set(OTHER) or any(named_in(choice.rows, text) for text in said):
        return ""
    side, why = side_here(choice.site.region, desk.findings, desk.catalog.findings, desk.patient)
    desk.notes.append(f"{choice.where}: {why}")
    return side


def _common(shots: tuple[Shot, ...], side: Laterality) -> Laterality:
    """Return the side of all films of a series, ``B`` where both are seen."""
    sides = {s.laterality for s in shots} - {""}
    return "B" if len(sides) > 1 else next(iter(sides), side)


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
