"""From nothing to the first useful screen: the wheel in a fresh environment in which nothing was ever run, so that
Python compiles all it loads, to a bare Textual app in the same state; and both once more. Runs are interleaved, medians
are compared. Files are in the machine's memory by then: a slow disk comes on top, and so does the network before it.

    python -m benchmarks.first_screen [RUNS]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.startup import BARE_APP, painted

ROOT = Path(__file__).parent.parent
UV = shutil.which("uv") or str(ROOT / ".gpuws-dev/uv/bin/uv")
BOUND = 2.0  # of the cold ratio


def quietly(*argv: str) -> float:
    """Seconds it takes."""
    began = time.perf_counter()
    subprocess.run(argv, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def environment(folder: Path, wheel: str) -> float:
    """A fresh environment with the wheel, nothing compiled; seconds with all of it in uv's cache."""
    quietly(UV, "venv", "--python", sys.executable, str(folder))
    return quietly(UV, "pip", "install", "--python", str(folder / "bin/python"), wheel)


def once(folder: Path, wheel: str) -> tuple[float, float, float, float, float]:
    """Seconds to install; gpuws cold and warm; the bare app cold and warm."""
    ours, bare = folder / "ours", folder / "bare"
    installed = environment(ours, wheel)
    environment(bare, wheel)
    demo, app = [str(ours / "bin/gpuws"), "demo"], [str(bare / "bin/python"), "-c", BARE_APP]
    home = str(folder)
    cold = painted(demo, "bravo", home), painted(app, "bare-frame", home)
    warm = painted(demo, "bravo", home), painted(app, "bare-frame", home)
    return installed, cold[0], warm[0], cold[1], warm[1]


def main(runs: int) -> int:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as directory:
        quietly(UV, "build", "--out-dir", directory)
        (wheel,) = map(str, Path(directory).glob("*.whl"))
        found = []
        for run in range(runs + 1):
            folder = Path(directory, str(run))
            folder.mkdir()
            found.append(once(folder, wheel))
    installed, cold, warm, bare_cold, bare_warm = (statistics.median(each) for each in zip(*found[1:], strict=True))
    ratio = cold / bare_cold
    print(f"install from uv's cache: {installed:.2f} s")
    print(f"gpuws demo, nothing compiled: {cold:.2f} s; bare Textual app, the same: {bare_cold:.2f} s; "
          f"ratio {ratio:.2f} (at most {BOUND:g}) {'ok' if ratio <= BOUND else 'TOO SLOW'}")  # fmt: skip
    print(f"again: {warm:.2f} s; {bare_warm:.2f} s; ratio {warm / bare_warm:.2f}")
    return 0 if ratio <= BOUND else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
