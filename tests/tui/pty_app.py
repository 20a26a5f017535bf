"""The screen on a fleet whose verbs never come back, in a real terminal; run by test_terminal."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from gpuws.tui.app import Opened, run
from tests.tui.lab import lab


def pump(opener):
    """A program in cooked mode: shows a line, waits for another, and fails when told to."""
    print("inside now", flush=True)
    line = os.read(0, 100).decode().strip()
    if line == "fail":
        raise ValueError("the pump broke")
    return 0


fleet = lab()
fleet.blocked = {"plan", "profiles", "act", "inspect", "start"}
code = run(lambda: Opened(fleet), pump)
print("left the screen", flush=True)
raise SystemExit(code)
