"""Build src/fhir2dicom/physics/tiles/film.npz: quantum noise and fine lung structure of a chest film.

512² tiles that wrap, int8 with standard deviation 32, made once with numpy's generator and FFT.
noise: white, low-passed as a caesium iodide detector passes it (MTF .6 at 1 lp/mm, .3 at 2; after Samei 2001, not checked).
lung: vessels and septa too fine for the vessel tree: ridges of band noise at 1 to 6 mm.
bone0, bone1, bone2: the net of trabeculae at pixels of .1, .14 and .2 mm: ridges of band noise about .9 mm apart, drawn out
along the columns, which is along a long bone (spacing of trabeculae .6 to 1 mm: Hildebrand et al., J Bone Miner Res
14:1167, 1999; on a film those that lie behind each other make a coarser net).

usage: python atlas/build_film_tiles.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

OUT = Path(__file__).parents[1] / "src/fhir2dicom/physics/tiles/film.npz"
SIZE, PIXEL_MM = 512, 0.2


def tile(field: np.ndarray) -> np.ndarray:
    field = field - field.mean()
    return np.clip(np.round(field / field.std() * 32), -127, 127).astype(np.int8)


BONE_SIZE, BONE_PIXELS_MM = 256, (0.10, 0.14, 0.20)


def net(rng: np.random.Generator, pixel_mm: float) -> np.ndarray:
    """Return a net of ridges, mostly along the columns, with cross-links; softer and coarser clumps on top."""
    fy, fx = np.meshgrid(*2 * [np.fft.fftfreq(BONE_SIZE, pixel_mm)], indexing="ij")

    def band(centre: float, width: float, stretch_y: float, stretch_x: float) -> np.ndarray:
        f = np.hypot(fy * stretch_y, fx * stretch_x)
        weight = np.exp(-((np.log(f + 1e-6) - np.log(centre)) ** 2) / (2 * width**2)) * (f > 0)
        x = np.fft.ifft2(np.fft.fft2(rng.standard_normal((BONE_SIZE, BONE_SIZE))) * weight).real
        return x / x.std()

    field = np.zeros((BONE_SIZE, BONE_SIZE))
    for centre, share, along, across in (
        (0.55, 1.0, 2.6, 1.0),
        (0.9, 0.7, 2.2, 1.0),
        (0.6, 0.55, 1.0, 1.8),
        (0.8, 0.6, 1.0, 1.0),
    ):
        field += share * np.exp(-((band(centre, 0.3, along, across) / 0.45) ** 2))
    field += 0.22 * band(0.16, 0.4, 1.4, 1.0)
    return np.clip(np.round((field - field.mean()) / field.std() * 24), -72, 96).astype(np.int8)


def main() -> None:
    rng = np.random.Generator(np.random.PCG64(20))
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(SIZE, PIXEL_MM), np.fft.fftfreq(SIZE, PIXEL_MM), indexing="ij"))

    def band(weight: np.ndarray) -> np.ndarray:
        x = np.fft.ifft2(np.fft.fft2(rng.standard_normal((SIZE, SIZE))) * weight).real
        return x / x.std()

    noise = band(1 / (1 + (f / 1.3) ** 2))
    lung = np.zeros((SIZE, SIZE))
    for centre, share in ((0.12, 0.5), (0.25, 0.8), (0.5, 0.8), (0.9, 0.6)):
        x = band(np.exp(-(((np.log(f + 1e-6) - np.log(centre)) / 0.45) ** 2)))
        lung += share * (
            np.exp(-((x / 0.35) ** 2)) - 0.35 + 0.25 * band(np.exp(-(((f - centre) / (0.5 * centre)) ** 2)))
        )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    nets = {f"bone{k}": net(rng, pixel) for k, pixel in enumerate(BONE_PIXELS_MM)}
    np.savez_compressed(OUT, noise=tile(noise), lung=tile(lung), **nets)
    print(OUT.stat().st_size / 1e6, "MB")


if __name__ == "__main__":
    main()
