"""Measure mammograms: power-law exponent, share of dense area by BI-RADS category, thickness, dose, CPU a film.

beta: power 1/f^beta of stored pixels for presentation over .15 to .7 lp/mm, Hann windows of 512 pixels, three quarters apart; real
ones have 3.17 ± .23 (CC) and 3.30 ± .24 (MLO; Chen et al., Med Phys 39:7121, 2012). Dense: pixels of the breast above a
third of the way from fat to white, CC; the categories end at 25, 50 and 75 % (BI-RADS, 4th edition).

usage: python benchmarks/realism_mg.py [PATIENTS]
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise
from statistics import mean, median, stdev

import numpy as np

from fhir2dicom.anatomy.breast import BREAST
from fhir2dicom.model import Person
from fhir2dicom.physics.mg import PIXEL_MM, picture
from fhir2dicom.physics.mg_beam import expose
from fhir2dicom.seed import Seed

SIZE = 512
DENSE = 1750
"""Stored value; fat is about 850, gland 2600 to 3700."""


def person(k: int) -> Person:
    """Return a woman between 35 and 80, body mass index 19 to 38."""
    seed = Seed("realism").child(k)
    height = seed.child("height").normal(1.64, 0.07)
    bmi = min(max(seed.child("bmi").normal(27.5, 5.0), 18.5), 40.0)
    return Person(f"woman {k}", "F", seed.child("age").uniform(35, 80), height, bmi * height * height)


def beta(part: np.ndarray) -> float:
    window = np.hanning(SIZE)
    power = np.abs(np.fft.fft2((part - part.mean()) * window[:, None] * window)) ** 2
    axis = np.fft.fftfreq(SIZE, PIXEL_MM)
    f = np.hypot(axis[:, None], axis[None])
    edges = np.geomspace(0.15, 0.7, 12)
    values = [power[(f >= a) & (f < b)].mean() for a, b in pairwise(edges)]
    return -float(np.polyfit(np.log(np.sqrt(edges[1:] * edges[:-1])), np.log(values), 1)[0])


def betas(film: np.ndarray) -> list[float]:
    inside = film > 100
    return [
        beta(film[y : y + SIZE, x : x + SIZE].astype(float))
        for y in range(0, film.shape[0] - SIZE, 3 * SIZE // 4)
        for x in range(0, film.shape[1] - SIZE, 3 * SIZE // 4)
        if inside[y : y + SIZE, x : x + SIZE].mean() > 0.995
    ]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    rows: list[tuple[str, str, float, float, float, float]] = []
    thick, dose = [], []
    for k in range(count):
        body = BREAST.build(person(k), Seed("realism").child("patient", k), ())
        for view in ("CC", "MLO"):
            began = time.process_time()
            breast = body.pressed(view, "L")
            exposure = expose(breast, PIXEL_MM, 0.0, {})
            film = picture(breast, exposure, Seed("noise").child(k, view))
            ms = (time.process_time() - began) * 1e3
            found = betas(film)
            share = float((film[film > 100] > DENSE).mean())
            rows.append(
                (breast.density, view, mean(found) if found else float("nan"), share, ms, film.size / 1e6)
            )
            thick.append(breast.thickness_mm)
            dose.append(exposure.organ_mgy)
    print("view class patients  beta (sd of patients)  dense area CC % (least .. most)")
    for view in ("CC", "MLO"):
        for density in "abcd":
            own = [r for r in rows if r[:2] == (density, view)]
            b = [r[2] for r in own if r[2] == r[2]]
            if b:
                d = [100 * r[3] for r in own]
                sd = stdev(b) if len(b) > 1 else 0.0
                print(
                    f"{view:4} {density:5} {len(own):8}  {mean(b):.2f} ({sd:.2f})  {mean(d):5.0f} ({min(d):.0f} .. {max(d):.0f})"
                )
        b = [r[2] for r in rows if r[1] == view and r[2] == r[2]]
        print(f"{view:4} all   {len(b):8}  {mean(b):.2f} ({stdev(b):.2f})")
    for size in sorted({r[5] for r in rows}):
        for view in ("CC", "MLO"):
            ms = [r[4] for r in rows[2:] if r[5] == size and r[1] == view]
            if ms:
                print(
                    f"{size:.1f} Mpixel {view}: CPU ms, body and film, median {median(ms):.0f}, most {max(ms):.0f}, of {len(ms)}"
                )
    print(
        f"thickness {mean(thick):.0f} mm (sd {stdev(thick):.0f}; real 59, 16), mean glandular dose {mean(dose):.2f} mGy"
    )


if __name__ == "__main__":
    main()
