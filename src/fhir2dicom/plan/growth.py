"""How tall and heavy people are: medians and spreads by age and sex, for records that do not say.

To 20 years: CDC growth charts 2000 (Kuczmarski et al., Vital Health Stat 11(246), 2002; length-for-age,
stature-for-age, weight-for-age): medians to the last digit, at half a month past the age; spreads are rounded to one
for both sexes (girls' weights spread a tenth wider). Later: height is lost as Sorkin, Muller and
Andres measured (Am J Epidemiol 1999;150:969: 3 cm by 70 and 5 cm by 80 years in men, 5 and 8 in women);
weight, rounded by us, follows the mean BMI of American adults, 29.1 kg/m² in men and 29.6 in women (Fryar et al.,
Natl Health Stat Rep 122, 2018), less in the young and the old.
"""

from __future__ import annotations

from typing import NamedTuple

from fhir2dicom.model import Sex


class _Row(NamedTuple):
    years: float
    height_m: tuple[float, float]
    """Median of males, of females."""
    height_cv: float
    """Standard deviation over median."""
    weight_kg: tuple[float, float]
    weight_cv: float


_ROWS = (
    # years, median height m (M, F), its spread, median weight kg (M, F), its spread; birth row: half a month
    _Row(0.0, (0.527, 0.517), 0.048, (4.0, 3.8), 0.142),
    _Row(0.25, (0.621, 0.605), 0.040, (6.4, 5.9), 0.124),
    _Row(0.5, (0.679, 0.661), 0.039, (8.2, 7.5), 0.115),
    _Row(1.0, (0.761, 0.744), 0.039, (10.5, 9.7), 0.108),
    _Row(1.5, (0.824, 0.808), 0.040, (11.8, 11.1), 0.106),
    _Row(2.0, (0.869, 0.854), 0.040, (12.7, 12.1), 0.108),
    _Row(3.0, (0.953, 0.942), 0.041, (14.4, 13.9), 0.115),
    _Row(4.0, (1.025, 1.010), 0.042, (16.3, 15.9), 0.126),
    _Row(5.0, (1.092, 1.080), 0.043, (18.5, 18.0), 0.135),
    _Row(6.0, (1.157, 1.150), 0.044, (20.8, 20.3), 0.144),
    _Row(7.0, (1.220, 1.218), 0.045, (23.2, 22.9), 0.153),
    _Row(8.0, (1.281, 1.278), 0.046, (25.8, 25.8), 0.164),
    _Row(9.0, (1.337, 1.331), 0.047, (28.7, 29.1), 0.176),
    _Row(10.0, (1.388, 1.382), 0.048, (32.1, 33.1), 0.187),
    _Row(11.0, (1.437, 1.443), 0.050, (36.1, 37.4), 0.196),
    _Row(12.0, (1.493, 1.515), 0.050, (40.7, 41.8), 0.199),
    _Row(13.0, (1.564, 1.573), 0.047, (45.8, 46.0), 0.197),
    _Row(14.0, (1.641, 1.605), 0.045, (51.2, 49.5), 0.190),
    _Row(15.0, (1.701, 1.619), 0.043, (56.5, 52.1), 0.180),
    _Row(16.0, (1.736, 1.626), 0.042, (61.1, 53.9), 0.170),
    _Row(17.0, (1.753, 1.629), 0.041, (64.7, 55.2), 0.164),
    _Row(18.0, (1.762, 1.631), 0.040, (67.3, 56.2), 0.161),
    _Row(20.0, (1.768, 1.633), 0.040, (70.6, 58.2), 0.164),
    _Row(30.0, (1.768, 1.633), 0.040, (84.0, 74.0), 0.175),
    _Row(50.0, (1.760, 1.618), 0.040, (91.0, 79.0), 0.175),
    _Row(70.0, (1.738, 1.583), 0.040, (87.0, 73.0), 0.170),
    _Row(80.0, (1.718, 1.553), 0.040, (80.0, 66.0), 0.165),
    _Row(100.0, (1.690, 1.520), 0.040, (70.0, 57.0), 0.160),
)


class Size(NamedTuple):
    """What is usual at an age."""

    height_m: float
    height_cv: float
    weight_kg: float
    weight_cv: float


def usual(years: float, sex: Sex) -> Size:
    """Return median height and weight with their spreads; between the sexes when the sex is not M or F."""
    years = min(max(years, _ROWS[0].years), _ROWS[-1].years)
    upper = next(k for k, row in enumerate(_ROWS) if row.years >= years)
    low, high = _ROWS[max(upper - 1, 0)], _ROWS[upper]
    share = (years - low.years) / (high.years - low.years) if high.years > low.years else 0.0

    def between(a: float, b: float) -> float:
        return a + (b - a) * share

    return Size(
        between(_of(low.height_m, sex), _of(high.height_m, sex)),
        between(low.height_cv, high.height_cv),
        between(_of(low.weight_kg, sex), _of(high.weight_kg, sex)),
        between(low.weight_cv, high.weight_cv),
    )


def _of(pair: tuple[float, float], sex: Sex) -> float:
    if sex == "M":
        return pair[0]
    return pair[1] if sex == "F" else (pair[0] + pair[1]) / 2
