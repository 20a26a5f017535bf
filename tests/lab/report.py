"""What the lab says while it works, and how it fails."""

import sys
import time

_started = time.monotonic()


class LabError(Exception):
    """The lab can't be had, or one of its parts failed; the text says why and what to do."""


def say(text: str) -> None:
    """Print a progress line with the seconds since the start, on stderr."""
    print(f"lab {time.monotonic() - _started:6.1f} s  {text}", file=sys.stderr, flush=True)
