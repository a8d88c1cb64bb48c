"""Print the table of beams in physics/xray_beam.py. Needs the xraydb package (Elam, Ravel & Sieber 2002; public domain).

A spectrum after Kramers (Phil Mag 46:836, 1923) behind 3 mm of aluminium and a part of usual thickness, weighted with the
energy that .6 mm of caesium iodide takes; characteristic lines are left out. What a little more of a material absorbs of
it is its attenuation, beside water's. Cortical bone, adipose tissue and muscle: ICRU Report 46 (1992).

usage: python atlas/build_film_beam.py
"""

from __future__ import annotations

import numpy as np
import xraydb

BONE = {
    "H": 0.034,
    "C": 0.155,
    "N": 0.042,
    "O": 0.435,
    "Na": 0.001,
    "Mg": 0.002,
    "P": 0.103,
    "S": 0.003,
    "Ca": 0.225,
}
FAT = {"H": 0.114, "C": 0.598, "N": 0.007, "O": 0.278, "Na": 0.001, "S": 0.001, "Cl": 0.001}
WATER = {"H": 0.111898, "O": 0.888102}
THICK_MM = ((40, 20), (50, 40), (60, 80), (70, 140), (80, 190), (90, 200), (100, 200), (120, 200), (150, 220))


def mu_per_mm(parts: dict[str, float], density: float, energy: np.ndarray) -> np.ndarray:
    return sum(w * xraydb.mu_elam(e, energy) for e, w in parts.items()) * density / 10


def main() -> None:
    print("kVp, effective keV, water 1/mm, bone, fat, titanium, steel beside water; uGy m2 / mAs (arbitrary)")
    reference = np.array([65e3])
    water = mu_per_mm(WATER, 1.0, reference)[0]
    print(
        "65 keV",
        round(water, 5),
        round(mu_per_mm(BONE, 1.92, reference)[0] / water, 3),
        round(mu_per_mm(FAT, 0.95, reference)[0] / water, 3),
    )
    for kvp, thick in THICK_MM:
        e = np.arange(12.0, kvp, 0.5) * 1e3
        w = mu_per_mm(WATER, 1.0, e)
        open_beam = (kvp * 1e3 - e) / e * np.exp(-3.0 * mu_per_mm({"Al": 1.0}, 2.70, e))
        taken = e * (1 - np.exp(-0.6 * mu_per_mm({"Cs": 0.512, "I": 0.488}, 3.6, e)))
        spectrum = open_beam * np.exp(-thick * w) * taken

        def seen(mu: np.ndarray, spectrum: np.ndarray = spectrum) -> float:
            return float((spectrum * mu).sum() / spectrum.sum())

        effective = seen(w)
        rows = (
            mu_per_mm(p, d, e)
            for p, d in ((BONE, 1.92), (FAT, 0.95), ({"Ti": 1.0}, 4.51), ({"Fe": 1.0}, 7.9))
        )
        grid = np.arange(20.0, 120.0, 0.1)
        energy = grid[np.argmin(np.abs(mu_per_mm(WATER, 1.0, grid * 1e3) - effective))]
        print(
            kvp,
            thick,
            round(float(energy), 1),
            round(effective, 5),
            *(round(seen(m) / effective, 3) for m in rows),
        )


if __name__ == "__main__":
    main()
