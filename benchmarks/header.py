"""Time of one CT header: `dicom.header` against pydicom's own dcmwrite, process CPU.

python benchmarks/header.py
"""

from __future__ import annotations

import io
import sys
import time
from dataclasses import replace
from pathlib import Path

from pydicom import dcmwrite

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "dicom"))
from hand_built import CT, CT_MODULES, frames, series, study

from fhir2dicom.dicom import values
from fhir2dicom.dicom.header import Template, file_meta
from fhir2dicom.dicom.modules.module import Context
from fhir2dicom.dicom.write import _own, _shared, instances

COUNT = 2000


def seconds(work):
    """Return the least CPU time of five runs."""
    times = []
    for _ in range(5):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main():
    planned = series(CT, 1, COUNT)
    plan = study(series_plans=(planned,))
    made = frames(CT, COUNT)
    pixels = made.render(0)
    made = replace(made, render=lambda _: pixels)
    shared, _ = _shared(Context(plan, planned, planned.shots[0], made), CT_MODULES)
    own = [_own(i, made.frame_attributes(k)) for k, i in enumerate(planned.shots[0].instances)]
    varying = [values.normal(o) for o in own]
    template = Template(shared, varying[0], pixels.nbytes)

    def by_pydicom():
        for row in varying[:50]:
            dataset = values.dataset({**shared, **row})
            dataset.PixelData = bytes(pixels.nbytes)
            dataset.file_meta = file_meta(CT, str(row["SOPInstanceUID"]))
            dcmwrite(io.BytesIO(), dataset, enforce_file_format=True)

    whole = seconds(lambda: sum(1 for _ in instances(plan, planned, planned.shots[0], CT_MODULES, made, 1)))
    first = seconds(lambda: next(instances(plan, planned, planned.shots[0], CT_MODULES, made, 1)))
    header = seconds(lambda: [template.header(row) for row in varying])
    fitted = seconds(lambda: [values.normal(row) for row in own])
    print(f"{len(shared) + len(varying[0])} elements at the top level, {len(varying[0])} of them vary")
    print(f"first instance of a series   {first * 1e3:8.2f} ms")
    print(f"each further instance        {(whole - first) / (COUNT - 1) * 1e6:8.1f} µs")
    print(f"  of it: values made to fit  {fitted / COUNT * 1e6:8.1f} µs")
    print(f"  of it: header encoded      {header / COUNT * 1e6:8.1f} µs")
    print(f"pydicom's dcmwrite           {seconds(by_pydicom) / 50 * 1e6:8.1f} µs")


if __name__ == "__main__":
    main()
