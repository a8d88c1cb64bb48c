"""Noise and texture tiles of the CT physics: periodic Gaussian fields with the wanted spectra, as int8.

usage: python atlas/build_tiles.py        (writes src/fhir2dicom/physics/tiles/ct.npz)

Noise power spectrum of filtered back projection: ramp times the squared kernel, f·|K(f)|² (Kijewski & Judy,
Phys Med Biol 1987;32:565). One tile for each kernel and each class of pixel size, since kernels are fixed
in lp/mm, not in pixels. Tissue texture: amplitude ~ 1/f between 2 and 25 mm, isotropic, on a 1 mm grid.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

OUT = Path(__file__).parents[1] / "src/fhir2dicom/physics/tiles/ct.npz"
LEVELS = 8.0  # int8 steps in one standard deviation
SIDE = 384
PIXELS = (0.48, 0.63, 0.84)  # centres of the classes of pixel size, mm
KERNELS = {"soft": 0.40, "lung": 0.88}  # roll-off, lp/mm


def field(amplitude: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    white = rng.standard_normal(amplitude.shape)
    grown = np.fft.ifftn(np.fft.fftn(white) * amplitude).real
    return grown / grown.std()


def steps(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values * LEVELS), -127, 127).astype(np.int8)


def noise(pixel: float, roll_off: float, rng: np.random.Generator) -> np.ndarray:
    f = np.fft.fftfreq(SIDE, pixel)
    radius = np.hypot(f[:, None], f[None, :])
    nyquist = 0.5 / pixel
    edge = np.clip((1.04 * nyquist - radius) / (0.12 * nyquist), 0, 1)  # reconstruction cuts at Nyquist
    return field(np.sqrt(radius) * np.exp(-0.9 * (radius / roll_off) ** 2) * np.sqrt(edge), rng)


def streaks(rng: np.random.Generator) -> np.ndarray:
    """Photon starvation: long in x, ramp-like in y."""
    fy, fx = np.fft.fftfreq(SIDE, 0.7)[:, None], np.fft.fftfreq(SIDE, 0.7)[None, :]
    angle = np.abs(fx) / np.maximum(np.hypot(fx, fy), 1e-9)
    ramp = np.abs(fy) ** 0.2 * np.exp(-((np.hypot(fx, fy) / 0.30) ** 2))
    return field(ramp * np.exp(-((angle / 0.10) ** 2)), rng)


def texture(rng: np.random.Generator) -> np.ndarray:
    shape = (32, 128, 128)
    f = np.meshgrid(*(np.fft.fftfreq(n, 1.0) for n in shape), indexing="ij")
    radius = np.sqrt(sum(a * a for a in f))
    band = (radius >= 1 / 25) * np.exp(-((radius / 0.22) ** 2))
    return field(np.divide(band, radius, out=np.zeros_like(radius), where=radius > 0), rng)


def main() -> None:
    rng = np.random.default_rng(20211)
    tiles = {f"{k}{i}": steps(noise(p, r, rng)) for k, r in KERNELS.items() for i, p in enumerate(PIXELS)}
    tiles["streaks"] = steps(streaks(rng))
    tiles["texture"] = steps(texture(rng) * 0.75)
    np.savez_compressed(OUT, pixels=np.array(PIXELS), **tiles)
    print(OUT, OUT.stat().st_size)
    for k in KERNELS:
        for i, p in enumerate(PIXELS):
            power = np.abs(np.fft.fft2(tiles[f"{k}{i}"].astype(float))) ** 2
            f = np.fft.fftfreq(SIDE, p)
            radius = np.hypot(f[:, None], f[None, :])
            bins = np.arange(0, radius.max(), 0.01)
            which = np.digitize(radius.ravel(), bins)
            ring = np.bincount(which, power.ravel(), len(bins) + 1) / np.maximum(
                np.bincount(which, minlength=len(bins) + 1), 1
            )
            centre = np.r_[0, bins + 0.005]
            print(k, p, "mean frequency lp/mm", round(float((ring * centre).sum() / ring.sum()), 3))


if __name__ == "__main__":
    main()
