"""Since when the processes of a kernel run: it keeps its id when it is restarted."""

from __future__ import annotations

import time

from gpuws.link.place import Place

PATIENCE = 5.0  # seconds
TICK = 0.01  # seconds: Linux counts in them when a process began
# Of each the moment it began and now, both in seconds since the boot. What a kernel forks has its command line, too.
_SCRIPT = r"""
read -r now rest </proc/uptime
for file in $(grep -las -- "$1" /proc/[0-9]*/cmdline); do
  read -r stat 2>/dev/null <"${file%cmdline}stat" || continue
  set -- ${stat##*)}
  shift 19
  echo "$1 $now"
done
"""


def began_anew(place: Place, kernel: str, asked: float) -> bool | None:
    """Whether all processes of the kernel began after `asked`, a moment of the monotonic clock; None where only some
    did, or that can't be told. `place`: where its server runs."""
    before = time.monotonic()
    done = place.run(["sh", "-c", _SCRIPT, "sh", f"[{kernel[0]}]{kernel[1:]}"], timeout=PATIENCE)
    after = time.monotonic()
    ages = [float(now) - int(began) * TICK for began, now in _rows(done.stdout)]
    if ages and max(ages) + TICK < before - asked:
        return True
    return False if ages and min(ages) - TICK > after - asked else None


def _rows(told: bytes) -> list[tuple[str, str]]:
    rows = [line.split() for line in told.decode("ascii", "replace").splitlines()]
    return [(row[0], row[1]) for row in rows if len(row) == 2 and row[0].isdigit() and _number(row[1])]


def _number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
