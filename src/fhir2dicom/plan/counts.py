"""How many instances a series has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fhir2dicom.model import InstanceOrder, SeriesOrder

Slices = int | Mapping[str, int]
"""``slices_per_study`` of the configuration: one number for every tomography, or one for each modality."""

MOST_SLICES = 4096
"""Of one stack; more than any scanner's longest run."""
MOST_FILMS = 64
"""Of one series that is no stack."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the settings and the protocol say where FHIR is silent."""

    setting: int | None
    usual: int
    stack: bool


def setting_of(slices: Slices | None, names: tuple[str, ...], *, stack: bool) -> int | None:
    """Return the configured number for a modality of any of these names; a plain number is for stacks only."""
    if slices is None:
        return None
    if isinstance(slices, int):
        return slices if stack and slices > 0 else None
    found = next((slices[n] for n in names if n in slices), None)
    return found if found is not None and found > 0 else None


def count_of(series: SeriesOrder, wish: Wish, where: str, notes: list[str]) -> int:
    """Return the number of instances: those FHIR lists or counts, else the settings', else the protocol's.

    One listed slice is what small generators write for a whole scan (Synthea's Python port): it is
    completed when the settings name a number, and stays one when they do not.
    """
    listed, stated = len(series.instances), series.instance_count
    if stated is not None and stated < 0:
        notes.append(f"{where}: numberOfInstances {stated} is not a count; left out")
        stated = None
    count = max(listed, stated or 0)
    if stated and listed and stated > listed:
        notes.append(f"{where}: {listed} of {stated} instances listed; the others get derived UIDs")
    elif stated is not None and 0 <= stated < listed:
        notes.append(f"{where}: numberOfInstances is {stated} but {listed} are listed; all made")
    if count == 1 and wish.stack and wish.setting is not None and wish.setting > 1:
        notes.append(f"{where}: one slice in FHIR; completed to the {wish.setting} of slices_per_study")
        count = wish.setting
    elif count == 0:
        count = _silent(wish, where, notes)
    most = MOST_SLICES if wish.stack else MOST_FILMS
    if count > most:
        notes.append(f"{where}: {count} instances are more than the {most} that are made of one series; cut")
    return min(count, most)


def _silent(wish: Wish, where: str, notes: list[str]) -> int:
    if wish.setting is not None:
        notes.append(f"{where}: no number of instances; {wish.setting} by slices_per_study")
        return wish.setting
    notes.append(f"{where}: no number of instances; {wish.usual} as the protocol has it")
    return wish.usual


def numbered(
    instances: tuple[InstanceOrder, ...], where: str, notes: list[str]
) -> list[tuple[int, InstanceOrder]]:
    """Return instances with Instance Numbers, in the order of these: FHIR's where all are there and differ."""
    numbers = [i.number for i in instances]
    whole = [n for n in numbers if n is not None and 0 <= n < 2**31]
    if len(set(whole)) == len(instances):
        return sorted(zip(whole, instances, strict=True), key=lambda p: p[0])
    if whole or any(n is not None for n in numbers):
        notes.append(f"{where}: instance numbers are missing, wrong or repeated; numbered as listed")
    return list(enumerate(instances, start=1))
