"""Build src/fhir2dicom/physics/tiles/io.npz: what a film inside the mouth holds that no solid does.

Tiles that wrap, int8 with standard deviation 32, made once with numpy's generator and FFT.
maxilla, mandible: the net of trabeculae at pixels of .048 mm: in the upper jaw fine and round-meshed, in the lower coarser with
struts that lie level, as textbooks of dental radiology describe them; ridges where band noise crosses zero, of several sizes.
noise: quantum noise of a sensor of .024 mm, hardly blurred.

usage: python atlas/build_io_tiles.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

OUT = Path(__file__).parents[1] / "src/fhir2dicom/physics/tiles/io.npz"
SHAPE, PIXEL_MM = (512, 1024), 0.048
Field = npt.NDArray[np.float64]


def tile(field: Field) -> npt.NDArray[np.int8]:
    """Return a field as a tile."""
    field = field - field.mean()
    return np.clip(np.round(field / field.std() * 32), -127, 127).astype(np.int8)


class Maker:
    """Band noise on one grid."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int], pixel_mm: float) -> None:
        self.rng, self.shape = rng, shape
        self.fy, self.fx = (
            np.fft.fftfreq(shape[0], pixel_mm)[:, None],
            np.fft.rfftfreq(shape[1], pixel_mm)[None],
        )

    def passed(self, weight: Field) -> Field:
        """Return white noise through a filter, of unit standard deviation."""
        x = np.fft.irfft2(np.fft.rfft2(self.rng.standard_normal(self.shape)) * weight, s=self.shape)
        return np.asarray(x / x.std())

    def band(self, centre: float, level: float) -> Field:
        """Return noise about a spatial frequency, 1/mm; ``level`` above 1 draws it out sideways."""
        f = np.hypot(self.fx * level, self.fy / level)
        return self.passed(np.exp(-(((f - centre) / (0.42 * centre)) ** 2)))

    def net(self, centre: float, level: float, layers: int) -> Field:
        """Return struts and plates of several sizes, with slow clumps and a fine grain."""
        total = np.zeros(self.shape)
        for k in range(layers):
            c = centre * (0.6 + 1.5 * k / layers)
            ridge = np.exp(-((self.band(c, level) / 0.75) ** 2))
            total += ridge * (1 + 0.7 * self.band(0.22, 1.0)) / c**0.5
        total = (total - total.mean()) / total.std()
        f = np.hypot(self.fx * level, self.fy / level)
        slow = self.passed(np.where(f > 0.1, np.maximum(f, 0.1) ** -1.1, 0) * np.exp(-((f / 3.0) ** 2)))
        total = 0.62 * total + 0.75 * slow
        soft = np.fft.irfft2(
            np.fft.rfft2(total) * np.exp(-((np.hypot(self.fx, self.fy) / 5.5) ** 2)), s=self.shape
        )
        return np.asarray(np.tanh(0.5 * soft / soft.std()))


def main() -> None:
    """Write the tiles."""
    maker = Maker(np.random.Generator(np.random.PCG64(41)), SHAPE, PIXEL_MM)
    grain = Maker(np.random.Generator(np.random.PCG64(42)), (512, 1024), PIXEL_MM / 2)
    f = np.hypot(grain.fx, grain.fy)
    np.savez_compressed(
        OUT,
        maxilla=tile(maker.net(0.85, 1.05, 5)),
        mandible=tile(maker.net(0.55, 1.35, 5)),
        noise=tile(grain.passed(1 / (1 + (f / 11.0) ** 2))),
    )
    print(f"{OUT.name}: {OUT.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
