"""The journey, once: order → plan → body → frames → instances. Read it first.

    source     ->  StudyOrder   what FHIR said; holes allowed
    plan       ->  StudyPlan    nothing left to decide; a note for every guess
    anatomy    ->  Body         this patient, in millimetres, with findings grown in
    physics    ->  Frames       stored pixels, made frame by frame, and their meaning
    dicom      ->  Instance     header and pixel bytes, Part 10

The only module that imports rooms.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from fhir2dicom import plugs
from fhir2dicom.anatomy.region import Region
from fhir2dicom.dicom.write import instances
from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Body, FindingPlan, Instance, Person, SeriesPlan, StudyPlan
from fhir2dicom.physics.modality import Modality
from fhir2dicom.plan.catalog import Catalog, FindingRow, IodRow, ModalityRow, RegionRow
from fhir2dicom.seed import Seed


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
        frames = modality.acquire(body, shot.protocol, shot.frames, seed)
        for instance in instances(plan, series, shot, iod.modules, frames, first=ordinal + 1):
            ordinal += 1
            yield instance


@lru_cache(maxsize=2)
def body_of(region: str, person: Person, findings: tuple[FindingPlan, ...], root: str) -> Body:
    """Build the patient's body for a region; the last two are kept, since a patient's studies come together."""
    seed = Seed(root).child("patient", person.key)
    known = plugs.load(Finding)
    shapes = [
        shape
        for finding in findings
        if region in known[finding.name].regions
        for shape in known[finding.name].grow(finding, seed.child("finding", finding.name))
    ]
    return plugs.load(Region)[region].build(person, seed, shapes)


def catalog() -> Catalog:
    """Say what the plugged-in rooms can make: the plan's view of them, as data."""
    return Catalog(
        modalities=tuple(
            ModalityRow(m.name, m.aliases, tuple(IodRow(i.sop_class, i.modality) for i in m.iods), m.regions)
            for m in plugs.load(Modality).values()
        ),
        regions=tuple(
            RegionRow(r.name, r.body_part, r.code, r.snomed, r.words) for r in plugs.load(Region).values()
        ),
        findings=tuple(FindingRow(f.name, f.snomed, f.regions) for f in plugs.load(Finding).values()),
    )
