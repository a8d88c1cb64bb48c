"""The journey, once: order → plan → body → frames → instances. Read it first.

    source     ->  StudyOrder   what FHIR said; holes allowed
    plan       ->  StudyPlan    nothing left to decide; a note for every guess
    anatomy    ->  Body         this patient, in millimetres, with findings grown in
    physics    ->  Frames       stored pixels, made frame by frame, and their meaning
    dicom      ->  Instance     header and pixel bytes, Part 10
    store      ->  files        whole studies, by `at_work` in as many processes as `engine` has

The only module but the doors that imports rooms.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import entry_points
from pathlib import Path

from fhir2dicom import plugs
from fhir2dicom.anatomy.region import Region
from fhir2dicom.dicom.write import instances
from fhir2dicom.errors import DiskFullError, Fhir2DicomError
from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import (
    Body,
    FindingPlan,
    Instance,
    Person,
    Problem,
    SeriesPlan,
    StudyOrder,
    StudyPlan,
)
from fhir2dicom.physics.modality import Modality
from fhir2dicom.plan.catalog import Catalog, FindingRow, IodRow, ModalityRow, RegionRow
from fhir2dicom.plan.counts import Slices
from fhir2dicom.plan.registry import Registry
from fhir2dicom.plan.saved import load
from fhir2dicom.plan.study import plan_study
from fhir2dicom.seed import Seed
from fhir2dicom.store.folder import Folder, Place

MAKERS = (
    "anatomy",
    "dicom",
    "findings",
    "model",
    "physics",
    "journey.py",
    "noise.py",
    "seed.py",
)
"""Code and data between a plan and its bytes."""


def plans(
    orders: Iterable[StudyOrder | Problem], *, seed: str, slices: Slices | None
) -> Iterator[StudyPlan | Problem]:
    """Yield a plan or a problem for every order; no two studies share a UID."""
    known, registry = catalog(), Registry()
    for order in orders:
        plan = order if isinstance(order, Problem) else plan_study(order, seed, known, slices)
        yield plan if isinstance(plan, Problem) else registry.settle(plan)


def make(plan: StudyPlan) -> Iterator[Instance]:
    """Yield every instance of a study, in series and slice order."""
    for series in plan.series:
        yield from scan(plan, series)


def scan(plan: StudyPlan, series: SeriesPlan) -> Iterator[Instance]:
    """Yield one series' instances; depends on nothing but its arguments."""
    modality = plugs.load(Modality)[series.physics]
    iod = next(i for i in modality.iods if i.sop_class == series.sop_class)
    body = body_of(series.region, plan.person, plan.findings, plan.seed)
    ordinal = 0
    for shot in series.shots:
        seed = Seed(plan.seed).child("noise", shot.instances[0].uid)
        frames = modality.acquire(body, shot, seed)
        for instance in instances(plan, series, shot, iod.modules, frames, first=ordinal + 1):
            ordinal += 1
            yield instance


@lru_cache(maxsize=2)
def body_of(region: str, person: Person, findings: tuple[FindingPlan, ...], root: str) -> Body:
    """Build the patient's body for a region; the last two are kept, since a patient's studies come together."""
    seed = Seed(root).child("patient", person.key)
    known = plugs.load(Finding)
    grown = [
        change
        for finding in findings
        if region in known[finding.name].regions
        for change in known[finding.name].grow(finding, seed.child("finding", finding.name))
    ]
    return plugs.load(Region)[region].build(person, seed, grown)


def catalog() -> Catalog:
    """Say what the plugged-in rooms can make: the plan's view of them, as data."""
    return Catalog(
        modalities=tuple(
            ModalityRow(m.name, m.aliases, tuple(IodRow(i.sop_class, i.modality) for i in m.iods), m.regions)
            for m in plugs.load(Modality).values()
        ),
        regions=tuple(
            RegionRow(r.name, r.body_part, r.code, r.snomed, r.words, r.seen_by, r.paired)
            for r in plugs.load(Region).values()
        ),
        findings=tuple(FindingRow(f.name, f.snomed, f.regions) for f in plugs.load(Finding).values()),
    )


@dataclass(frozen=True, slots=True)
class Job:
    """A study to be made, as `engine` carries it: the plan travels as the JSON that the manifest will hold."""

    study: str
    group: str
    """The patient, whose body the next study needs too."""
    weight: int
    place: Place


@dataclass(frozen=True, slots=True)
class Made:
    """A study that stands in the folder since now."""

    study: str
    instances: int
    bytes: int
    cpu_s: float


Work = Callable[[Job], Made | Problem | DiskFullError]


def job(plan: StudyPlan, place: Place) -> Job:
    """Return the unit of work that makes a plan."""
    return Job(plan.id, plan.person.key, plan.pixel_bytes, place)


@contextmanager
def at_work(folder: Folder, *, force: bool = False) -> Iterator[Work]:
    """Take part in a run, in whatever process: gives the function that makes one study and keeps it."""
    with folder.joined():
        yield lambda unit: keep(folder, unit, force=force)


def keep(folder: Folder, unit: Job, *, force: bool = False) -> Made | Problem | DiskFullError:
    """Make a study and keep it; a full disk is returned, since it ends more than this study."""
    began = time.process_time()
    plan = load(unit.place.saved, unit.study)
    try:
        # A worker may have died after this study and before it could say so.
        kept = None if force else folder.standing(unit.place)
        kept = kept or folder.put(plan, unit.place, make(plan), force=force)
    except DiskFullError as full:
        return full
    except Fhir2DicomError as error:
        return Problem(unit.study, unit.place.name, str(error), "failed")
    return Made(unit.study, kept.instances, kept.bytes, time.process_time() - began)


def edition() -> str:
    """Return what names the code and data between a plan and its bytes: another edition, other bytes."""
    digest = blake2b(digest_size=16)
    root = Path(__file__).parent
    for maker in MAKERS:
        for path in sorted((root / maker).rglob("*")) if (root / maker).is_dir() else [root / maker]:
            if path.is_file() and path.suffix not in {".pyc", ".nbi", ".nbc"}:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    for room in ("anatomy", "dicom", "findings", "physics"):
        for plug in sorted(entry_points(group=f"fhir2dicom.{room}")):
            dist = plug.dist
            digest.update(
                f"{room} {plug.value} {dist.name if dist else ''} {dist.version if dist else ''}".encode()
            )
    return digest.hexdigest()
