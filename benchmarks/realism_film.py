"""Measure chest films against what is known of real ones, over persons from one to ninety years, thin to obese.

usage: python benchmarks/realism_film.py [--quick]

r           correlation of the film's log attenuation with the cone projection of the same patient's CT labels
            (`body.volume()`, tissue HU through the warp), over the width of the lungs below the shoulders, which the
            two have in different poses; what hangs or rises in those who stand (breasts, stomach gas) is left in;
            target ≥ .98
CTR         widest heart over widest inside of the chest on the PA projection of the labels; healthy adults .42 to .50
noise       relative standard deviation of the exposure behind the lung, from two films of one patient
edge        10–90 % rise across the lead letter, mm
"""

from __future__ import annotations

import sys
import time

import numba as nb
import numpy as np

from fhir2dicom.anatomy.torso import build
from fhir2dicom.model import Body, Person, Protocol, Shot
from fhir2dicom.physics import xray, xray_chest
from fhir2dicom.physics.xray_project import Camera, mean, project
from fhir2dicom.seed import Seed

PERSONS = tuple(
    Person(f"film {k}", sex, age, height, weight)
    for k, (sex, age, height, weight) in enumerate((
        ("F", 1.5, 0.80, 11.0), ("M", 5.0, 1.10, 19.0), ("F", 11.0, 1.44, 37.0), ("M", 16.0, 1.75, 60.0),
        ("F", 24.0, 1.66, 56.0), ("M", 30.0, 1.80, 78.0), ("F", 38.0, 1.62, 104.0), ("M", 47.0, 1.76, 118.0),
        ("F", 55.0, 1.64, 66.0), ("M", 63.0, 1.74, 82.0), ("F", 72.0, 1.58, 48.0), ("M", 79.0, 1.70, 70.0),
        ("F", 90.0, 1.53, 44.0), ("M", 0.3, 0.62, 6.5), ("F", 3.0, 0.95, 14.0), ("M", 8.0, 1.28, 26.0),
        ("F", 19.0, 1.70, 62.0), ("M", 35.0, 1.85, 95.0), ("F", 45.0, 1.60, 52.0), ("M", 58.0, 1.78, 88.0),
        ("F", 67.0, 1.60, 75.0),
    ))
)  # fmt: skip
HEART = ("left_heart", "right_heart", "myocardium")


def protocol(view: str, pose: str) -> Protocol:
    return Protocol(f"chest {view}", "DX", "chest", 2048, 2048, view=view, pose=pose)


@nb.njit(cache=True, error_model="numpy")
def cast(labels, value, low, spacing, field, f_low, f_space, axes, centre, sid, pixel, size, depth, step):
    """Sum ``value`` of the labels along each ray of a small film; field: atlas point of each patient point."""
    out = np.zeros((size, size, value.shape[1]))
    nz, ny, nx = labels.shape
    fz, fy, fx = field.shape[1:]
    for v in range(size):
        for u in range(size):
            a, b = (u - (size - 1) / 2) * pixel, (v - (size - 1) / 2) * pixel
            slant = np.sqrt(1 + (a * a + b * b) / (sid * sid)) * step
            for k in range(int(depth / step)):
                d = (k + 0.5) * step
                m = (sid - d) / sid
                p = centre + axes[0] * a * m + axes[1] * b * m + axes[2] * d
                x, y, z = (
                    (p[0] - f_low[0]) / f_space[0],
                    (p[1] - f_low[1]) / f_space[1],
                    (p[2] - f_low[2]) / f_space[2],
                )
                if x < 0 or y < 0 or z < 0 or x >= fx - 1 or y >= fy - 1 or z >= fz - 1:
                    continue
                i, j, h = int(x), int(y), int(z)
                r, s, t = x - i, y - j, z - h
                q = np.zeros(3)
                for c in range(3):
                    g = field[c]
                    q[c] = (
                        (g[h, j, i] * (1 - r) + g[h, j, i + 1] * r) * (1 - s)
                        + (g[h, j + 1, i] * (1 - r) + g[h, j + 1, i + 1] * r) * s
                    ) * (1 - t) + (
                        (g[h + 1, j, i] * (1 - r) + g[h + 1, j, i + 1] * r) * (1 - s)
                        + (g[h + 1, j + 1, i] * (1 - r) + g[h + 1, j + 1, i + 1] * r) * s
                    ) * t
                i = int((q[0] - low[0]) / spacing[0] + 0.5)
                j = int((q[1] - low[1]) / spacing[1] + 0.5)
                h = int((q[2] - low[2]) / spacing[2] + 0.5)
                if 0 <= i < nx and 0 <= j < ny and 0 <= h < nz:
                    row = value[labels[h, j, i]]
                    for c in range(row.shape[0]):
                        out[v, u, c] += row[c] * slant
    return out


def projections(body: Body, camera: Camera, step_mm: float = 1.5) -> np.ndarray:
    """(rows, columns, 3): mm of water, of heart and of lung along each ray through the CT's labels."""
    volume = body.volume()
    values = np.array(
        [(max(1 + t.hu / 1000, 0.0), t.name in HEART, t.name.startswith("lung")) for t in volume.tissues],
        float,
    )
    table = np.zeros((256, 3))
    table[: len(values)] = values
    f = volume.to_atlas
    return cast(
        volume.labels, table, np.array(volume.origin), np.array(volume.spacing), f.points.astype(np.float64),
        np.array(f.origin), np.array(f.spacing), np.array(camera.axes, float), np.array(camera.centre),
        camera.sid_mm, camera.pixel_mm, camera.rows, 620.0, step_mm,
    )  # fmt: skip


def correlation(
    body: Body, view: str, factor: int = 16
) -> tuple[float, float, np.ndarray, np.ndarray, np.ndarray]:
    """Return r over the chest, the cardiothoracic ratio, the mask, and both maps in mm of water."""
    pose = xray_chest.SETUPS[view].pose
    scene = body.scene(pose)
    camera, *_ = xray_chest.camera_of(scene, view, protocol(view, pose), xray_chest.SETUPS[view].sid_mm)
    film = mean(project(scene, camera), factor)
    small = camera.scaled(factor)
    maps = projections(body, small)
    lung = maps[:, :, 2] > 25
    rows, columns = np.flatnonzero(lung.any(1)), np.flatnonzero(lung.any(0))
    box = np.zeros(lung.shape, bool)
    top = rows[0] + int(0.18 * (rows[-1] - rows[0]))
    box[top : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    mask = box & (maps[:, :, 0] > 20)
    r = float(np.corrcoef(film[mask], maps[:, :, 0][mask])[0, 1])
    heart = maps[:, :, 1] > 8
    widest = max((np.ptp(np.flatnonzero(h)) + 1 for h in heart if h.any()), default=0)
    chest = max(np.ptp(np.flatnonzero(h)) + 1 for h in (maps[:, :, 2] > 8) if h.any())
    return r, widest / chest, mask, film, maps


def noise_and_edge(body: Body) -> tuple[float, float, float]:
    """Return the display's noise in lung, its contrast-to-noise for 1 mm of water, and an edge's 10–90 % width."""
    one, two = (
        xray.acquire(body, Shot(protocol("PA", "arms-down"), "", 1, ()), Seed("noise", (str(k),)))
        .render(0)
        .astype(float)
        for k in range(2)
    )
    middle = slice(700, 1100)
    sd = float(np.std((one - two)[middle, 560:760]) / 2**0.5)
    frames = xray.acquire(body, Shot(protocol("PA", "arms-down"), "", 1, ()), Seed("edge"))
    made = frames.render(0).astype(float)
    best, pixel = 99.0, frames.attributes["ImagerPixelSpacing"][0]
    row_band = made[60:500]
    for row in row_band[::3]:
        for part in (row[:400], row[-400:]):
            k = int(np.argmax(np.abs(np.diff(part, n=1))))
            if not 8 < k < 390:
                continue
            w = part[k - 6 : k + 8]
            lo, hi = w.min(), w.max()
            if hi - lo < 1200:
                continue
            up = w if w[-1] > w[0] else w[::-1]
            x = [
                float(np.interp(lo + q * (hi - lo), np.maximum.accumulate(up), np.arange(len(up))))
                for q in (0.1, 0.9)
            ]
            best = min(best, (x[1] - x[0]) * pixel)
    return sd, float(np.mean(made[middle, 560:760])), best


def main() -> None:
    persons = PERSONS[::4] if "--quick" in sys.argv else PERSONS
    print("  sex  age  BMI |  r PA   r LL   CTR | film ms (scene + render, PA)")
    ratios = []
    for p in persons:
        body = build(p, Seed("realism").child("patient", p.key), (), (0.0, 330.0))
        pa, ctr, *_ = correlation(body, "PA")
        ll = correlation(body, "LL")[0]
        xray.acquire(body, Shot(protocol("PA", "arms-down"), "", 1, ()), Seed("warm")).render(0)
        start = time.process_time()
        xray.acquire(body, Shot(protocol("PA", "arms-down"), "", 1, ()), Seed("time")).render(0)
        spent = (time.process_time() - start) * 1e3
        if p.age_years >= 18:
            ratios.append(ctr)
        print(
            f"  {p.sex} {p.age_years:6.1f} {p.bmi:5.1f} | {pa:.3f}  {ll:.3f}  {ctr:.2f} | {spent:5.0f}",
            flush=True,
        )
    print(
        f"CTR of adults {min(ratios):.2f} to {max(ratios):.2f}, mean {np.mean(ratios):.2f}; target .42 to .50"
    )
    sd, level, edge = noise_and_edge(build(PERSONS[5], Seed("realism"), (), (0.0, 330.0)))
    print(f"noise in the lung {sd:.1f} of 4095 at level {level:.0f}; edge of the letter {edge:.2f} mm")


if __name__ == "__main__":
    main()
