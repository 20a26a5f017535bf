"""Draw the pictures of `screenshots/`: the demo's, and the lab's where it is up.

The screen runs without a terminal and is exported as SVG; keys are pressed and conditions awaited as in the tests."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import real_setup
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.host.configured import Configured
from gpuws.model.placement.plan import Want
from gpuws.tui.app import GpuwsApp, Opened, Opener
from gpuws.tui.launch.background import launch
from gpuws.tui.launch.launch_form import BEST, LaunchForm

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "screenshots"
PATIENCE = 20.0  # seconds
STEPS, STEP = 60, 5.0  # how often the demo moves before a picture, and seconds of its clock between two moves
Size = tuple[int, int]


@dataclass(frozen=True)
class Stage:
    """A running app and the keys to it."""

    app: GpuwsApp
    press: Callable[..., Awaitable[None]]
    pause: Callable[[float], Awaitable[None]]

    def text(self) -> str:
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips(self.app.size))

    async def until(self, wanted: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not re.search(wanted, self.text()):
            if time.monotonic() > deadline:
                raise SystemExit(f"never saw {wanted!r}; the screen shows\n{self.text()}")
            await self.pause(0.05)

    async def keys(self, *keys: str, then: str) -> None:
        await self.press(*keys)
        await self.until(then)


Play = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """A picture's name, the fleet on it, its size, and how to get there. `tour`: with the demo's cards."""

    name: str
    opener: Opener
    size: Size
    play: Play
    tour: bool = False

    async def draw(self, folder: Path) -> None:
        """Open, play, export."""
        app = GpuwsApp(self.opener, lambda *_: 0, demo=self.tour, tour=self.tour)
        async with app.run_test(size=self.size) as pilot:
            await self.play(Stage(app, pilot.press, pilot.pause))
            svg = app.export_screenshot(title="gpuws")
            app.fleet.close()
        (folder / f"{self.name}.svg").write_text(_steady(svg))
        print(f"{self.name}.svg {self.size[0]}×{self.size[1]}")


def _steady(svg: str) -> str:
    """Without the random part of the names that rich gives its styles."""
    return re.sub(r"terminal-\d+", "terminal-0", svg)


class Clock:
    """Starts five minutes ago and comes to now by steps: a picture shows five minutes of history at once."""

    def __init__(self) -> None:
        self.now = time.time() - STEPS * STEP

    def __call__(self) -> float:
        return self.now


def demo() -> Opened:
    return Opened(DemoFleet(tick=0, clock=Clock()))


async def demo_home(stage: Stage) -> None:
    await stage.until("torch-dev")
    for _ in range(STEPS):
        _step(stage)
    await stage.pause(0.6)


def _step(stage: Stage) -> None:
    fleet = stage.app.fleet
    assert isinstance(fleet, DemoFleet)
    fleet._clock.now += STEP  # type: ignore[attr-defined]
    fleet.step()


async def demo_launch(stage: Stage) -> None:
    """Two GPUs, wherever it fits best."""
    await demo_home(stage)
    await stage.keys("g", "j", "n", then="docker run")
    stage.app.screen.query_one(LaunchForm).choose_host(BEST)
    stage.app.screen.query_one("#gpus").focus()
    await stage.keys("2", then="→ bravo")
    await stage.until("ready|✗")


async def demo_images(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("I", then="dangling")
    await stage.keys("j", "j", "u", then="has a newer one")


async def demo_new_profile(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("n", then="docker run")
    await stage.keys("ctrl+n", then="New profile")


async def demo_confirm(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("j", "j", then="bob")
    await stage.keys("S", then="to go on")


async def demo_hosts(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("v", "r", then="free first")
    await stage.pause(0.3)


async def demo_gpu(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("g", "j", "enter", then="mean")
    await stage.pause(0.5)


async def demo_host(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("g", "enter", then="mean")
    await stage.pause(0.5)


async def demo_process(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("g", "j", "p", then="PID")
    await stage.keys("enter", then="mean")
    await stage.pause(0.5)


async def demo_tiles(stage: Stage) -> None:
    """The whole fleet, each host a small chart."""
    await demo_home(stage)
    await stage.keys("V", then="alpha")
    await stage.pause(0.5)


async def demo_marks(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("g", "2", then="GPU MEM")
    await stage.keys("space", "space", then="2 marked")


async def demo_welcome(stage: Stage) -> None:
    """This machine alone, and no alias to offer."""
    await demo_aliases(stage)
    await stage.press("escape")
    await stage.pause(0.3)
    stage.app.home().offer_hosts(Configured("hosts.yaml"))
    await stage.until("Look at the demo")


async def demo_aliases(stage: Stage) -> None:
    await stage.until("lab.example")


async def demo_tour(stage: Stage) -> None:
    """Its third card."""
    await demo_home(stage)
    await stage.until("Tour 1 of")
    await stage.keys("full_stop", "full_stop", then="Tour 3 of")


async def demo_background(stage: Stage) -> None:
    """A wait, and a build that failed."""
    await demo_home(stage)
    fleet = stage.app.fleet
    launch(stage.app, await asyncio.to_thread(fleet.plan, "bravo", "flash-attn", Want()))
    await stage.keys("b", then=r"✗ failed +\ds")


async def demo_kill(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("j", "j", "p", "K", then="to go on")


async def demo_people(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("w", then="Who holds what")


async def demo_jump(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("t", then="(?i)jump")
    await stage.pause(0.3)


async def demo_containers(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("c", then="95G/128G")
    _step(stage)
    await stage.until(r"\d/32 ")


async def demo_sessions(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("3", then="epoch|step")
    await stage.pause(0.3)


async def demo_told(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("e", then="told in the last week")


async def demo_doctor(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("colon", then="a few letters of what to do")
    await stage.keys(*"doctor: what", then="Doctor: what")
    await stage.keys("enter", then="Doctor · ")
    await stage.until("local  all is well")


async def demo_help(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("question_mark", then="(?i)every|keys")
    await stage.pause(0.3)


def lab() -> Opened:
    from tests.lab.fixture import up

    setup = real_setup(Options(config_dir=str(up().config_dir)))
    return Opened(setup.make(setup.names()), setup.look)


async def lab_home(stage: Stage) -> None:
    for word in ("torch-dev", "eval", "charlie.*sessions"):
        await stage.until(word)
    await stage.pause(9)  # four samples of history


async def lab_containers(stage: Stage) -> None:
    await lab_home(stage)
    await stage.keys("2", then="(?i)image|bert")
    await stage.pause(0.5)


def alone() -> Opened:
    return Opened(DemoFleet(tick=0, clock=Clock(), hosts=("local",)))


PAGE, SMALL = (100, 32), (80, 24)
"""As wide as a page of documentation shows legibly; the least that everything fits into."""
SCENES = (
    Scene("fleet", demo, PAGE, demo_home),
    Scene("fleet-wide", demo, (160, 45), demo_home),
    Scene("fleet-80x24", demo, SMALL, demo_home),
    Scene("hosts", demo, (120, 24), demo_hosts),
    Scene("tiles", demo, (120, 30), demo_tiles),
    Scene("host", demo, (120, 36), demo_host),
    Scene("gpu", demo, (120, 36), demo_gpu),
    Scene("process", demo, (120, 30), demo_process),
    Scene("marks", demo, PAGE, demo_marks),
    Scene("kill", demo, PAGE, demo_kill),
    Scene("people", demo, (120, 30), demo_people),
    Scene("launch", demo, (120, 36), demo_launch),
    Scene("launch-80x24", demo, SMALL, demo_launch),
    Scene("background", demo, PAGE, demo_background),
    Scene("images", demo, PAGE, demo_images),
    Scene("new-profile", demo, PAGE, demo_new_profile),
    Scene("confirm", demo, PAGE, demo_confirm),
    Scene("jump", demo, PAGE, demo_jump),
    Scene("containers", demo, (120, 30), demo_containers),
    Scene("sessions", demo, (120, 30), demo_sessions),
    Scene("told", demo, (120, 30), demo_told),
    Scene("doctor", demo, (120, 40), demo_doctor),
    Scene("keys", demo, PAGE, demo_help),
    Scene("welcome", alone, PAGE, demo_welcome),
    Scene("aliases", alone, PAGE, demo_aliases),
    Scene("tour", demo, PAGE, demo_tour, tour=True),
    Scene("lab", lab, (120, 36), lab_home),
    Scene("lab-containers", lab, (120, 36), lab_containers),
)


async def main(arguments: Sequence[str]) -> None:
    """Names of pictures, none for all; a folder (something with a slash) to draw them into."""
    folders = [Path(word) for word in arguments if "/" in word]
    wanted = [word for word in arguments if "/" not in word]
    for scene in SCENES:
        if not wanted or scene.name in wanted:
            await scene.draw(folders[0] if folders else PICTURES)


if __name__ == "__main__":
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}  # whatever this is run in
    sys.path.insert(0, str(ROOT))
    asyncio.run(main(sys.argv[1:]))
