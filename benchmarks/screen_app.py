"""gpuws' screen, measured from inside: `python -m benchmarks.screen_app REPORT [--stand-in HOSTS] [--stalls]`.

Without --stand-in it shows what `gpuws` would. When it ends, REPORT has as JSON: the ages of what was shown, in
seconds, with and without the focus; with --stalls for every look at the event loop by how much it was late and how much
of that it worked itself, in seconds."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import time
from pathlib import Path
from typing import Any

from gpuws.__main__ import COLLECT
from gpuws.cli.terminal.lasting import pump
from gpuws.tui.app import GpuwsApp, Opened, Opener

TICK = 0.005  # seconds
LOOK = 0.5  # seconds between two looks at the ages


class MeasuredApp(GpuwsApp):
    def __init__(self, opener: Opener, report: Path, *, stalls: bool) -> None:
        super().__init__(opener, pump)
        self._report, self._with_stalls = report, stalls
        self._ages: dict[bool, list[float]] = {True: [], False: []}
        self._loop_looks: list[dict[str, float]] = []
        self._ticking: asyncio.Task[None] | None = None

    def _start(self) -> None:
        super()._start()
        self.set_interval(LOOK, self._look)
        if self._with_stalls:
            self._ticking = asyncio.create_task(self._tick())

    def _look(self) -> None:
        now = time.time()
        ages = [age for snapshot in self.state.snapshots if (age := snapshot.age(now)) is not None]
        self._ages[self.app_focus] += ages

    async def _tick(self) -> None:
        while True:
            began, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(TICK)
            late = time.perf_counter() - began - TICK
            self._loop_looks.append({"late": late, "worked": time.thread_time() - worked})

    def exit(self, *arguments: Any, **words: Any) -> None:
        if self._ticking is not None:  # ending is no stall
            self._ticking.cancel()
        super().exit(*arguments, **words)

    def report(self) -> None:
        found = {"visible": self._ages[True], "blurred": self._ages[False], "loop": self._loop_looks}
        self._report.write_text(json.dumps(found))


def opener(stand_in: int) -> Opener:
    def simulated() -> Opened:
        from benchmarks.standin import stand_in_fleet

        return Opened(stand_in_fleet(stand_in)[0])

    def configured() -> Opened:
        from gpuws.cli.toolkit.options import Options
        from gpuws.cli.toolkit.setup import set_up

        setup = set_up(Options())
        return Opened(setup.make(None), setup.look, setup.notes, setup.kept)

    return simulated if stand_in else configured


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("report", type=Path)
    words.add_argument("--stand-in", type=int, default=0)
    words.add_argument("--stalls", action="store_true")
    given = words.parse_args()
    gc.set_threshold(*COLLECT)
    app = MeasuredApp(opener(given.stand_in), given.report, stalls=given.stalls)
    app.run()
    app.report()


if __name__ == "__main__":
    main()
