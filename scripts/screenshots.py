"""Draw the pictures of `screenshots/`: the demo's, and the lab's where it is up.

The screen runs without a terminal and is exported as SVG; keys are pressed and conditions awaited as in the tests."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import real_setup
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.tui.app import GpuwsApp, Opened, Opener
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


async def draw(name: str, opener: Opener, size: Size, play: Play, *, demo: bool) -> None:
    """One picture: open, play, export."""
    app = GpuwsApp(opener, lambda _: 0, demo=demo)
    async with app.run_test(size=size) as pilot:
        await play(Stage(app, pilot.press, pilot.pause))
        svg = app.export_screenshot(title="gpuws")
        app.fleet.close()
    (PICTURES / f"{name}.svg").write_text(_steady(svg))
    print(f"screenshots/{name}.svg {size[0]}×{size[1]}")


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
    fleet = stage.app.fleet
    assert isinstance(fleet, DemoFleet)
    for _ in range(STEPS):
        fleet._clock.now += STEP  # type: ignore[attr-defined]
        fleet.step()
    await stage.pause(0.6)


async def demo_launch(stage: Stage) -> None:
    """Two GPUs, wherever it fits best."""
    await demo_home(stage)
    await stage.keys("g", "j", "n", then="docker run")
    stage.app.screen.query_one(LaunchForm).choose_host(BEST)
    stage.app.screen.query_one("#count").focus()
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
    await stage.keys("j", "j", "enter", then="LAST HOUR")
    await stage.until("mean")


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


async def demo_doctor(stage: Stage) -> None:
    await demo_home(stage)
    await stage.keys("colon", then="Search for commands")
    await stage.keys(*"doctor", then="gpuws doctor")
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


WIDE, SMALL = (150, 42), (80, 24)
SCENES: tuple[tuple[str, Opener, Size, Play], ...] = (
    ("fleet", demo, WIDE, demo_home),
    ("fleet-80x24", demo, SMALL, demo_home),
    ("hosts", demo, (150, 24), demo_hosts),
    ("gpu", demo, WIDE, demo_gpu),
    ("kill", demo, (120, 36), demo_kill),
    ("people", demo, (120, 30), demo_people),
    ("launch", demo, WIDE, demo_launch),
    ("launch-80x24", demo, SMALL, demo_launch),
    ("images", demo, (120, 36), demo_images),
    ("new-profile", demo, (120, 36), demo_new_profile),
    ("confirm", demo, (120, 36), demo_confirm),
    ("jump", demo, (120, 36), demo_jump),
    ("doctor", demo, (120, 40), demo_doctor),
    ("keys", demo, (120, 36), demo_help),
    ("lab", lab, (140, 36), lab_home),
    ("lab-containers", lab, (140, 36), lab_containers),
)


async def main(wanted: Collection[str]) -> None:
    """`wanted`: names of pictures; none for all."""
    PICTURES.mkdir(exist_ok=True)
    for name, opener, size, play in SCENES:
        if not wanted or name in wanted:
            await draw(name, opener, size, play, demo=opener is demo)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    asyncio.run(main(sys.argv[1:]))
