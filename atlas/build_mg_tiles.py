"""Build src/fhir2dicom/physics/tiles/mg.npz: what fills a breast, as textures that wrap.

lobule: (1024²) int8. How much gland it takes before a place is gland: fat lobules are domes that gland fills from
their edges, so its border is scalloped. Ranks of the values, so that a threshold is a share of the area.
septum: (1024²) int8, 0 … 127. Sheets between the lobules, each as strong as the pair of lobules it parts says.
fibre: (1024²) int8. Thin curved lines in all directions.
cloud: (512²) int8, standard deviation 32. Power law 1/f³ (mammograms: 3.2 to 3.3, Chen et al., Med Phys 39:1435,
2012).
grain: (512²) int8, standard deviation 32. White noise behind amorphous selenium, which hardly blurs.
Lobules and clouds are meant for 0.28 mm a pixel, fibres for 0.14 mm. Needs scipy.

usage: python atlas/build_mg_tiles.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

OUT = Path(__file__).parents[1] / "src/fhir2dicom/physics/tiles/mg.npz"
RNG = np.random.Generator(np.random.PCG64(31))


def power(size: int, beta: float, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Return noise of unit variance with power 1/f^beta between two frequencies, cycles a pixel."""
    f = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    f[0, 0] = 1
    spectrum = np.fft.rfft2(RNG.standard_normal((size, size))) * f ** (-beta / 2) * (f >= low) * (f <= high)
    spectrum[0, 0] = 0
    out = np.fft.irfft2(spectrum, (size, size))
    return out / out.std()


def cells(size: int, count: int, wobble: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, of wavy cells: distance to the border in cell widths, a rank of each, a strength of each border."""
    width = size / count
    grid = np.stack(np.meshgrid(*[np.arange(count)] * 2, indexing="ij"), -1).reshape(-1, 2)
    points = (grid + 0.5 + 0.95 * (RNG.random(grid.shape) - 0.5)) * width
    rank = RNG.random(len(points))
    every = np.concatenate([points + np.array((a * size, b * size)) for a in (-1, 0, 1) for b in (-1, 0, 1)])
    warp = [power(size, 3.0, 0.25 / width, 2.4 / width) * width * wobble for _ in range(2)]
    y, x = np.mgrid[0:size, 0:size].astype(float)
    distance, index = cKDTree(every).query(np.stack([y + warp[0], x + warp[1]], -1), k=2)
    first, second = index[..., 0] % len(points), index[..., 1] % len(points)
    low, high = np.minimum(first, second).astype(np.uint64), np.maximum(first, second).astype(np.uint64)
    pair = RNG.random(len(points) * 16)[
        ((low * np.uint64(len(points)) + high) * np.uint64(2654435761) >> np.uint64(7))
        % np.uint64(len(points) * 16)
    ]
    return (distance[..., 1] - distance[..., 0]) / width, rank[first], pair


def wrap_blur(a: np.ndarray, sigma: float) -> np.ndarray:
    return ndimage.gaussian_filter(a, sigma, mode="wrap")


def lines(size: int, count: int, spread: float, longest: float, wander: float) -> np.ndarray:
    """Return thin curved lines, wrapped; ``spread``: how far from the rows they may point, radians."""
    out = np.zeros((size, size))
    for _ in range(count):
        y, x = RNG.random(2) * size
        angle = (RNG.random() + RNG.random() - 1) * spread
        length = int(2 * (40 + (longest - 40) * RNG.random() ** 2))
        bend = np.zeros(length)
        kicks = wander * (RNG.random(length) - 0.5)
        for k in range(1, length):
            bend[k] = 0.97 * bend[k - 1] + kicks[k]
        angle = angle + np.cumsum(bend)
        ys, xs = y + np.cumsum(np.sin(angle)) * 0.5, x + np.cumsum(np.cos(angle)) * 0.5
        width, strength = 0.6 + 1.5 * RNG.random() ** 3, 0.12 + RNG.random() ** 3
        t = np.linspace(0, 1, length)
        fade = np.minimum(1.0, 5.2 * t * (1 - t)) * strength * 0.2 / width
        reach = int(2.6 * width + 1)
        for b in range(-reach, reach + 2):
            for a in range(-reach, reach + 2):
                yi, xi = np.floor(ys).astype(int) + b, np.floor(xs).astype(int) + a
                w = np.exp(-0.5 * ((yi - ys) ** 2 + (xi - xs) ** 2) / width**2) * fade
                np.add.at(out, (yi % size, xi % size), w)
    return out


def ranks(a: np.ndarray) -> np.ndarray:
    """Return each value's place among all, −1 … 1."""
    out = np.empty(a.size)
    out[np.argsort(a, axis=None, kind="stable")] = np.linspace(-1, 1, a.size)
    return out.reshape(a.shape)


def stored(a: np.ndarray, step: int = 1) -> np.ndarray:
    return (np.clip(np.round(a / step), -127 // step, 127 // step) * step).astype(np.int8)


def main() -> None:
    big, rank, pair = cells(1024, 30, 0.17)
    small, small_rank, small_pair = cells(1024, 74, 0.2)
    dome = np.sqrt(np.clip(big / 0.75, 0, 1))
    fine = np.sqrt(np.clip(small / 0.8, 0, 1))
    height = (
        0.9 * wrap_blur(rank, 1.5)
        + 0.50 * dome
        + 0.28 * fine
        + 0.22 * wrap_blur(small_rank, 1.2)
        + 0.30 * power(1024, 2.8, 1 / 400, 0.25)
    )
    lobule = ranks(wrap_blur(height, 0.7))
    wall = np.clip(pair * 1.6 - 0.4, 0, 1) * np.exp(-((big / 0.06) ** 2))
    thin = np.clip(small_pair * 1.6 - 0.7, 0, 1) * np.exp(-((small / 0.11) ** 2))
    septum = wrap_blur(np.maximum(wall, 0.55 * thin), 0.5)
    fibre = lines(1024, 1700, 3.1416, 420.0, 0.0065)
    grain = wrap_blur(RNG.standard_normal((512, 512)), 0.42)
    arrays = {
        "lobule": stored(lobule * 127, 2),
        "septum": stored(septum / np.quantile(septum, 0.999) * 120, 4),
        "fibre": stored((fibre - np.median(fibre)) / fibre.std() * 24, 4),
        "cloud": stored(power(512, 3.0) * 32, 2),
        "grain": stored(grain / grain.std() * 32, 2),
    }
    np.savez_compressed(OUT, **arrays)
    print(OUT.stat().st_size / 1e6, "MB")


if __name__ == "__main__":
    main()
