"""The screen in a real terminal, on a fleet whose verbs never come back, or on the demo's, whose verbs are written to
the file named behind `records`; run by test_terminal and test_type_ahead."""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.own_command import OwnCommand
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.settings import ScreenSettings
from gpuws.tui.app import Opened, run
from tests.tui.lab import lab


def pump(opener, back=None):
    """A program in cooked mode: shows a line, waits for another, and fails when told to."""
    print("inside now", flush=True)
    line = os.read(0, 100).decode().strip()
    if line == "fail":
        raise ValueError("the pump broke")
    return 0


VERBS = ("act", "attach", "interactive", "kill_session", "signal", "launch", "recreate", "open_jupyter", "remove_image")


class Recording(DemoFleet):
    """Stands still, and does nothing but write down what it is asked to do."""

    def __init__(self, path):
        super().__init__(tick=0)
        for verb in VERBS:
            setattr(self, verb, lambda *words, verb=verb, **_: path.open("a").write(f"{verb} {words[:2]}\n"))


def record():
    fleet = Recording(Path(sys.argv[-1]))

    def enter(opener, _back=None):
        opener(None)
        print("another program", flush=True)
        return 0

    return run(lambda: Opened(fleet), enter)


if "records" in sys.argv:
    raise SystemExit(record())
fleet = lab()
keeps = "keeps" in sys.argv
if keeps:
    fleet.add_tunnel(Tunnel("t", TunnelTarget("alpha", None, 8888), 20001, kept=True))
fleet.blocked = {"plan", "profiles", "act", "inspect", "start"}
if "edits" in sys.argv:
    fleet.blocked, fleet.inspected["file"] = set(), sys.argv[-1]
    found = fleet.profile_file
    fleet.profile_file = lambda name: (time.sleep(0.3), found(name))[1]  # as where the home directory is far away
own = OwnCommand("hello", ("echo", "hello {host}", "$HOME"), "ctrl+t", stay=True)
look = ScreenSettings(mouse="no-mouse" not in sys.argv, commands=(own,) if "own" in sys.argv else ())


def opener():
    """At once, or when somebody has written to the pipe that OPENS_AFTER names."""
    if waits := os.environ.get("OPENS_AFTER"):
        Path(waits).read_text()
    return Opened(fleet, look, keeps=keeps)


code = run(opener, pump)
print("left the screen", flush=True)
raise SystemExit(code)
