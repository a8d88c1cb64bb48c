"""How real the CTs are, without people: the measures of ARCHITECTURE.md over twelve patients.

usage: python benchmarks/realism_ct.py            prints one table; exit code 1 when a target is missed
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fhir2dicom import plugs
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Body, Frames, Person, Protocol, Shot, Volume
from fhir2dicom.physics.ct import CT
from fhir2dicom.seed import Seed

PEOPLE = (
    # key, sex, age, height m, weight kg
    Person("boy", "M", 3.0, 0.96, 14.0),
    Person("girl", "F", 8.0, 1.28, 26.0),
    Person("teen", "M", 15.0, 1.70, 58.0),
    Person("thin", "F", 24.0, 1.70, 47.0),
    Person("man", "M", 31.0, 1.80, 79.0),
    Person("woman", "F", 42.0, 1.64, 66.0),
    Person("heavy", "M", 48.0, 1.78, 112.0),
    Person("obese", "F", 55.0, 1.61, 121.0),
    Person("tall", "M", 63.0, 1.92, 95.0),
    Person("short", "F", 70.0, 1.52, 58.0),
    Person("old", "M", 82.0, 1.69, 68.0),
    Person("ninety", "F", 90.0, 1.55, 45.0),
)
ORGANS = ("liver", "spleen", "aorta", "left_heart", "muscle", "fat", "lung", "kidney_cortex", "trabecular")
HEAD_ORGANS = ("grey", "white", "csf", "vitreous")


@dataclass
class Measure:
    """One row of the table."""

    name: str
    target: str
    low: float
    high: float
    values: list[float]

    def missed(self) -> bool:
        return not self.low <= float(np.mean(self.values)) <= self.high

    def line(self) -> str:
        v = np.array(self.values)
        flag = "MISSED" if self.missed() else ""
        return f"{self.name:<38}{v.mean():>9.2f}{v.min():>9.2f}{v.max():>9.2f}   {self.target:<26}{flag}"


def protocol(region: str, kernel: str, **settings: float) -> Protocol:
    return Protocol("realism", "CT", region, 512, 512, kernel=kernel, settings=settings)


def hu(frames: Frames, k: int) -> np.ndarray:
    return frames.render(k).astype(np.float32) * frames.slope + frames.intercept


def labels_at(volume: Volume, frames: Frames, k: int, dz: float = 0.0) -> np.ndarray:
    """Labels under every pixel of a slice, by linear reading of the field."""
    x, y, z = frames.frame_attributes(k)["ImagePositionPatient"]
    pixel = frames.attributes["PixelSpacing"][0]
    f = volume.to_atlas
    last = np.array(f.points.shape[:0:-1]) - 1
    u = (x + pixel * np.arange(frames.columns) - f.origin[0]) / f.spacing[0]
    v = (y + pixel * np.arange(frames.rows) - f.origin[1]) / f.spacing[1]
    w = np.clip((z + dz - f.origin[2]) / f.spacing[2], 0, last[2] - 1e-3)
    i, j, n = np.clip(u.astype(int), 0, last[0] - 1), np.clip(v.astype(int), 0, last[1] - 1), int(w)
    plane = f.points[:, n] + (f.points[:, n + 1] - f.points[:, n]) * np.float32(w - n)
    a, b = (u - i)[None, None, :], (v - j)[None, :, None]
    corner = [[plane[:, j + q][:, :, i + p] for p in (0, 1)] for q in (0, 1)]
    points = (corner[0][0] * (1 - a) + corner[0][1] * a) * (1 - b) + (
        corner[1][0] * (1 - a) + corner[1][1] * a
    ) * b
    index = [
        np.rint((q - o) / s).astype(int)
        for q, o, s in zip(points, volume.origin, volume.spacing, strict=True)
    ]
    inside = np.logical_and.reduce(
        [(m >= 0) & (m < size) for m, size in zip(index, volume.labels.shape[::-1], strict=True)]
    )
    gx, gy, gz = (np.where(inside, m, 0) for m in index)
    return np.where(inside, volume.labels[gz, gy, gx], 0)


def core(mask: np.ndarray, pixels: int) -> np.ndarray:
    """Erode in-plane."""
    out = mask.copy()
    for axis in (0, 1):
        for step in range(1, pixels + 1):
            out &= np.roll(mask, step, axis) & np.roll(mask, -step, axis)
        mask = out.copy()
    return out


def organs(
    body: Body, frames: Frames, names: tuple[str, ...], slices: range, rim: int
) -> dict[str, tuple[float, float]]:
    """Mean − table, and sd, of the deep parts of each tissue."""
    volume = body.volume()
    rows = {t.name: (n, t) for n, t in enumerate(volume.tissues)}
    found: dict[str, list[np.ndarray]] = {n: [] for n in names if n in rows}
    thick = frames.attributes["SliceThickness"]
    for k in slices:
        planes = [labels_at(volume, frames, k, d * thick) for d in (-0.6, -0.3, 0.0, 0.3, 0.6)]
        image = hu(frames, k)
        for name, parts in found.items():
            same = np.logical_and.reduce([p == rows[name][0] for p in planes])
            parts.append(image[core(same, rim)])
    out = {}
    for name, parts in found.items():
        pixels = np.concatenate(parts)
        if len(pixels) > 150:
            out[name] = (float(pixels.mean() - rows[name][1].hu), float(pixels.std()))
    return out


def correlation(frames: Frames) -> tuple[float, float]:
    """In-body correlation of adjacent slices, and of slices half the stack apart."""
    stack = [hu(frames, k) for k in range(frames.count)]

    def between(a: np.ndarray, b: np.ndarray) -> float:
        inside = (a > -300) | (b > -300)
        return float(np.corrcoef(a[inside], b[inside])[0, 1])

    near = [between(a, b) for a, b in pairwise(stack)]
    half = frames.count // 2 - 1
    far = [between(a, b) for a, b in zip(stack, stack[half:], strict=False)]
    return float(np.mean(near)), float(np.mean(far))


def noise_frequency(body: Body, region: str, kernel: str) -> float:
    """Mean frequency of the noise power spectrum, lp/mm: the difference of two scans of one body."""
    made = [
        CT.acquire(body, Shot(protocol(region, kernel, thickness_mm=2.0), "", 8, ()), Seed(s)) for s in "ab"
    ]
    pixel = made[0].attributes["PixelSpacing"][0]
    parts = []
    for k in range(2, 6):
        d = hu(made[0], k) - hu(made[1], k)
        parts += [d[j : j + 96, i : i + 96] for j in (180, 236) for i in (160, 256)]
    power = np.mean([np.abs(np.fft.fft2(p - p.mean())) ** 2 for p in parts], axis=0)
    f = np.fft.fftfreq(96, pixel)
    radius = np.hypot(f[:, None], f[None, :])
    rings = np.arange(0, 0.5 / pixel, 0.02)
    ring = [power[(radius >= r) & (radius < r + 0.02)].mean() for r in rings]
    return float(np.average(rings + 0.01, weights=ring))


def skin_edge(frames: Frames) -> float:
    """10–90 % width of the skin, mm: median over columns through the front, levels −990 and the skin's own."""
    pixel = frames.attributes["PixelSpacing"][0]
    widths = []
    for k in range(frames.count // 3, 2 * frames.count // 3):
        image = hu(frames, k)
        for c in range(216, 296, 4):
            line = image[:, c - 1 : c + 2].mean(1)
            hit = int(np.argmax(line > -500))
            if hit < 12:
                continue
            fine = np.interp(np.arange(hit - 6, hit + 5, 0.05), np.arange(512), line)
            top = fine.max()
            low, high = -1000 + 0.1 * (top + 1000), -1000 + 0.9 * (top + 1000)
            widths.append((np.argmax(fine > high) - np.argmax(fine > low)) * 0.05 * pixel)
    return float(np.median(widths))


def intracranial(body: Body) -> float:
    """Millilitres inside the skull, counted through the field."""
    frames = CT.acquire(body, Shot(protocol("head", "head"), "", 60, ()), Seed("x"))
    volume = body.volume()
    inside = np.array([
        t.name in ("csf", "grey", "white", "falx", "blood", "pineal", "choroid") or t.name.startswith("brain_")
        for t in volume.tissues
    ])  # fmt: skip
    count = sum(int(inside[labels_at(volume, frames, k)].sum()) for k in range(60))
    return (
        count * frames.attributes["PixelSpacing"][0] ** 2 * frames.attributes["SpacingBetweenSlices"] / 1000
    )


def cpu_ms(region: str, kernel: str) -> list[float]:
    """CPU of body and pixels of 30 × 512², five times, warm."""
    out = []
    for k in range(6):
        person = Person(f"speed{k}", "M", 50.0, 1.76, 84.0)
        t = time.process_time()
        body = plugs.load(Region)[region].build(person, Seed("s").child("patient", person.key), ())
        frames = CT.acquire(body, Shot(protocol(region, kernel), "", 30, ()), Seed("t"))
        for n in range(30):
            frames.render(n)
            frames.frame_attributes(n)
        out.append((time.process_time() - t) * 1000)
    return out[1:]


def main() -> int:
    regions = plugs.load(Region)
    rows: dict[str, Measure] = {}

    def note(name: str, target: str, low: float, high: float, value: float) -> None:
        rows.setdefault(name, Measure(name, target, low, high, [])).values.append(value)

    for person in PEOPLE:
        seed = Seed("realism").child("patient", person.key)
        chest, head = regions["chest"].build(person, seed, ()), regions["head"].build(person, seed, ())
        whole = regions["chest-abdomen"].build(person, seed, ())
        frames = CT.acquire(
            whole, Shot(protocol("chest-abdomen", "soft"), "", 30, ()), Seed("trunk").child(person.key)
        )
        for name, (off, sd) in organs(whole, frames, ORGANS, range(2, 28), 3).items():
            bone = name == "trabecular"
            note(
                f"{name}: mean − table, HU",
                "±5" if not bone else "±25 (thin parts)",
                -25.0 if bone else -5.0,
                25.0 if bone else 5.0,
                off,
            )
            if name in ("liver", "spleen", "aorta", "left_heart", "muscle"):
                note(f"{name}: sd, HU", "8–20", 8.0, 20.0, sd)
        scan = CT.acquire(head, Shot(protocol("head", "head"), "", 30, ()), Seed("head").child(person.key))
        for name, (off, sd) in organs(head, scan, HEAD_ORGANS, range(3, 27), 1).items():
            note(f"{name}: mean − table, HU", "±5", -5.0, 5.0, off)
            if name == "white":
                note("white: sd, HU", "2–6", 2.0, 6.0, sd)
        near, far = correlation(CT.acquire(chest, Shot(protocol("chest", "soft"), "", 30, ()), Seed("c")))
        note("slice correlation, adjacent", "(real CT .54)", -1.0, 1.0, near)
        note("slice correlation, far", "(real CT −.20)", -1.0, 1.0, far)
        note("slice correlation, adjacent − far", ">= .4", 0.4, 2.0, near - far)
        note(
            "noise mean frequency, soft, lp/mm", ".2–.35", 0.2, 0.35, noise_frequency(chest, "chest", "soft")
        )
        note(
            "noise mean frequency, lung, lp/mm", ".35–.6", 0.35, 0.6, noise_frequency(chest, "chest", "lung")
        )
        note("noise mean frequency, head, lp/mm", ".2–.35", 0.2, 0.35, noise_frequency(head, "head", "head"))
        note("skin edge 10–90 %, mm", "1–2", 1.0, 2.0, skin_edge(frames))
        if person.age_years >= 18:
            note("intracranial volume, adults, ml", "1450 ± 150", 1300.0, 1600.0, intracranial(head))
        else:
            note(
                "intracranial volume, children, ml",
                "by head circumference",
                900.0,
                1600.0,
                intracranial(head),
            )
    note("CPU, chest 30 × 512², best of 5, ms", "<= 75", 0.0, 75.0, min(cpu_ms("chest", "soft")))
    note("CPU, head 30 × 512², best of 5, ms", "<= 75", 0.0, 75.0, min(cpu_ms("head", "head")))
    print(f"{'measure over ' + str(len(PEOPLE)) + ' patients':<38}{'mean':>9}{'min':>9}{'max':>9}   target")
    for row in rows.values():
        print(row.line())
    return int(any(r.missed() for r in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
