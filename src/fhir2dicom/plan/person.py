"""The body on the day of the study: age, height and weight, from the record where it says, else from growth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from fhir2dicom.model import Event, Patient, Person, Sex
from fhir2dicom.plan.growth import Size, usual
from fhir2dicom.plan.texts import printable
from fhir2dicom.plan.when import day_of
from fhir2dicom.seed import Seed

YEAR_DAYS = 365.25
ASSUMED_YEARS = 45.0
"""Age of a patient of whom no date is known."""
OLDEST_YEARS = 120.0

_HEIGHT_CODES = frozenset({"8302-2", "8306-3", "8308-9", "3137-7", "3138-5", "50373000", "1153637007"})
_WEIGHT_CODES = frozenset({"29463-7", "3141-9", "3142-7", "8335-2", "27113001"})
_BMI_CODES = frozenset({"39156-5", "60621009"})
_AGE_CODES = frozenset({"30525-0", "21612-7", "29553-5", "424144002"})
_METRES: Mapping[str, float] = {
    "m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "[in_i]": 0.0254, "[in_us]": 0.0254, "inch": 0.0254,
    "inches": 0.0254, "ft": 0.3048, "[ft_i]": 0.3048, "feet": 0.3048, "centimeter": 0.01, "centimeters": 0.01,
}  # fmt: skip
_KILOGRAMS: Mapping[str, float] = {
    "kg": 1.0, "g": 0.001, "lb": 0.45359237, "lbs": 0.45359237, "[lb_av]": 0.45359237, "pound": 0.45359237,
    "pounds": 0.45359237, "oz": 0.0283495, "[oz_av]": 0.0283495, "st": 6.35029318, "[stone_av]": 6.35029318,
    "kilogram": 1.0, "kilograms": 1.0,
}  # fmt: skip
_YEARS: Mapping[str, float] = {
    "a": 1.0,
    "y": 1.0,
    "yr": 1.0,
    "year": 1.0,
    "years": 1.0,
    "mo": 1 / 12,
    "": 1.0,
}
_HEIGHTS_M = (0.25, 2.6)
_WEIGHTS_KG = (0.3, 400.0)
_BMIS = (7.0, 90.0)
_RATIOS = (0.55, 1.45)
"""Height over the median of age and sex that is believed."""
_STALE_YEARS = 0.5
"""A child's measurement older than this is carried along its growth curve."""
_GROWN_YEARS = 20.0


@dataclass(frozen=True, slots=True)
class _Reading:
    """One measurement of the record."""

    value: float
    day: date | None


def person_of(
    patient: Patient,
    key: str,
    sex: Sex,
    day: date | None,
    record: tuple[Event, ...],
    *,
    seed: Seed,
    notes: list[str],
) -> Person:
    """Return the body on a day; every value that the record does not give has a note."""
    seen = tuple(e for e in record if e.kind == "observation")
    born = day_of(patient.birth_date) if patient.birth_date else None
    years, today = _age(born, day, record, seen, notes)
    body = seed.child("patient", key)
    height = _height(seen, born, today, years, sex, body, notes)
    weight = _weight(seen, born, today, years, sex, height, body, notes)
    ancestry = printable(patient.ancestry[0].display) if patient.ancestry else ""
    return Person(key, sex, round(years, 3), round(height, 3), round(weight, 1), ancestry)


def _age(
    born: date | None, day: date | None, record: tuple[Event, ...], seen: tuple[Event, ...], notes: list[str]
) -> tuple[float, date | None]:
    """Return the age in years, and the day it is reckoned at."""
    if day is None:
        day = max((d for e in record if (d := day_of(e.start))), default=None)
        known = f"the record's last day, {day}, stands in" if day else "the patient's age is a guess"
        notes.append(f"study: no usable date; {known}")
    if born is not None and day is not None:
        years = (day - born).days / YEAR_DAYS
        if years > OLDEST_YEARS:
            notes.append(
                f"patient: {years:.0f} years old on the day of the study; drawn as {OLDEST_YEARS:.0f}"
            )
        if years >= 0:
            return min(years, OLDEST_YEARS), day
        notes.append(f"patient: born {patient_day(born)}, after the study; age {ASSUMED_YEARS:.0f} assumed")
        return ASSUMED_YEARS, day
    told = _nearest(seen, _AGE_CODES, _YEARS, day, lambda v, _: 0 <= v <= OLDEST_YEARS)
    if told is not None:
        notes.append(f"patient: no birth date; age {told.value:g} of the record")
        return told.value, day
    notes.append(f"patient: age unknown; {ASSUMED_YEARS:.0f} years assumed")
    return ASSUMED_YEARS, day


def patient_day(day: date) -> str:
    """Return a day as people write it in notes."""
    return day.isoformat()


def _height(
    seen: tuple[Event, ...],
    born: date | None,
    day: date | None,
    years: float,
    sex: Sex,
    body: Seed,
    notes: list[str],
) -> float:
    def believable(value: float, on: date | None) -> bool:
        ratio = value / usual(_years_at(born, on, years), sex).height_m
        return _HEIGHTS_M[0] <= value <= _HEIGHTS_M[1] and _RATIOS[0] <= ratio <= _RATIOS[1]

    size = usual(years, sex)
    found = _nearest(seen, _HEIGHT_CODES, _METRES, day, believable)
    if found is None:
        height = size.height_m * (1 + size.height_cv * body.child("height").normal())
        notes.append(f"patient: no height in the record; {height:.2f} m by age and sex")
        return height
    return _carried(found, born, day, years, lambda y: usual(y, sex).height_m, "height", notes)


def _weight(
    seen: tuple[Event, ...],
    born: date | None,
    day: date | None,
    years: float,
    sex: Sex,
    height: float,
    body: Seed,
    notes: list[str],
) -> float:
    def believable(value: float, on: date | None) -> bool:
        there = usual(_years_at(born, on, years), sex).height_m if years < _GROWN_YEARS else height
        return _WEIGHTS_KG[0] <= value <= _WEIGHTS_KG[1] and _BMIS[0] <= value / there**2 <= _BMIS[1]

    found = _nearest(seen, _WEIGHT_CODES, _KILOGRAMS, day, believable)
    if found is not None:
        return _carried(found, born, day, years, lambda y: usual(y, sex).weight_kg, "weight", notes)
    index = _nearest(
        seen, _BMI_CODES, {"kg/m2": 1.0, "kg/m^2": 1.0, "kg/m²": 1.0, "": 1.0}, day, lambda v, _: 9 <= v <= 80
    )
    if index is not None and years >= 2:
        weight = index.value * height**2
        notes.append(f"patient: no weight in the record; {weight:.0f} kg by its BMI")
        return weight
    weight = _weight_by_age(usual(years, sex), height, body)
    notes.append(f"patient: no weight in the record; {weight:.1f} kg by age, sex and height")
    return weight


def _weight_by_age(size: Size, height: float, body: Seed) -> float:
    """Draw a weight: the median grows with the square of the height; the heavy side of the spread is longer."""
    drawn = body.child("weight").normal()
    factor = 1 + size.weight_cv * drawn * (1.15 if drawn > 0 else 0.75)
    return size.weight_kg * (height / size.height_m) ** 2 * factor


def _carried(
    found: _Reading,
    born: date | None,
    day: date | None,
    years: float,
    median: Callable[[float], float],
    what: str,
    notes: list[str],
) -> float:
    """Return a measurement, along the growth curve when a child was measured long before or after."""
    if found.day is None or day is None:
        return found.value
    gap = (day - found.day).days / YEAR_DAYS
    then = years - gap
    if abs(gap) <= _STALE_YEARS or min(then, years) >= _GROWN_YEARS or born is None:
        return found.value
    value = found.value * median(years) / median(max(then, 0.0))
    notes.append(f"patient: {what} of {found.day} carried to the day of the study by growth: {value:.2f}")
    return value


def _years_at(born: date | None, on: date | None, years: float) -> float:
    return max((on - born).days / YEAR_DAYS, 0.0) if born and on else years


def _nearest(
    seen: tuple[Event, ...],
    codes: frozenset[str],
    units: Mapping[str, float],
    day: date | None,
    believable: Callable[[float, date | None], bool],
) -> _Reading | None:
    """Return the latest believable reading on or before the day, else the first after it, else any undated one."""
    best: tuple[tuple[int, int], _Reading] | None = None
    for event in seen:
        if not any(c.value in codes for c in event.codes):
            continue
        on = day_of(event.start) if event.start else None
        rank = _rank(on, day)
        if best is not None and rank >= best[0]:
            continue
        value = _in_units(event, units, on, believable)
        if value is not None:
            best = rank, _Reading(value, on)
    return best[1] if best else None


def _rank(on: date | None, day: date | None) -> tuple[int, int]:
    if on is None:
        return 2, 0
    if day is None:
        return 0, -on.toordinal()
    gap = (day - on).days
    return (0, gap) if gap >= 0 else (1, -gap)


def _in_units(
    event: Event,
    units: Mapping[str, float],
    on: date | None,
    believable: Callable[[float, date | None], bool],
) -> float | None:
    """Return a value in metres, kilograms or years, or None; without a unit the first believable one is meant."""
    try:
        number = float(event.value.strip().replace(",", "."))
    except ValueError:
        return None
    unit = event.unit.strip().lower()
    factors = (units[unit],) if unit in units else () if unit else tuple(units.values())
    return next((number * f for f in factors if math.isfinite(number) and believable(number * f, on)), None)
