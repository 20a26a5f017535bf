"""The screen on a fleet whose verbs never come back, in a real terminal; run by test_terminal."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from gpuws.model.tunnel import Tunnel
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
keeps = "keeps" in sys.argv
if keeps:
    fleet.add_tunnel(Tunnel("t", "alpha:8888", 20001, kept=True))
fleet.blocked = {"plan", "profiles", "act", "inspect", "start"}
if "edits" in sys.argv:
    fleet.blocked, fleet.inspected["file"] = set(), sys.argv[-1]
code = run(lambda: Opened(fleet, keeps=keeps), pump)
print("left the screen", flush=True)
raise SystemExit(code)
