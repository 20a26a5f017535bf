"""How fast gpuws starts, as a ratio to what it is built on: `gpuws --help` to `import typer`, and the first frame of
the screen to that of a bare Textual app. Runs are interleaved; medians are compared.

The demo's first frame counts once its hosts stand there. With a hosts.yaml the first frame comes before the file is
read; when its hosts stand there is shown without a bound.

    python -m benchmarks.startup [RUNS]
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import statistics
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

GPUWS = str(Path(sys.executable).with_name("gpuws"))
PATIENCE = 30.0  # seconds
BARE_APP = """
from textual.app import App, ComposeResult
from textual.widgets import Static
class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("bare-frame")
Bare().run()
"""


@dataclass(frozen=True, slots=True)
class Case:
    """`bound`: the largest allowed ratio of `ours` to `base`, both in seconds of one run; None: only shown."""

    name: str
    base_name: str
    ours: Callable[[], float]
    base: Callable[[], float]
    bound: float | None


def finished(argv: Sequence[str]) -> float:
    """Seconds from exec to exit."""
    began = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def painted(argv: Sequence[str], text: str, home: str, config: str = "", *, keeper: bool = False) -> float:
    """Seconds from exec until `text` was painted on a pseudo-terminal of 40 × 120."""
    master, slave = os.openpty()
    termios.tcsetwinsize(slave, (40, 120))
    environment = {
        **os.environ,
        "HOME": home,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "GPUWS_CONFIG_DIR": config,
        "GPUWS_KEEPER": "1" if keeper else "0",  # without it the files are read here, and nothing outlives this
    }
    began = time.perf_counter()
    process = subprocess.Popen(
        argv,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    try:
        _read_until(master, text.encode())
        return time.perf_counter() - began
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _read_until(fd: int, text: bytes) -> None:
    seen = b""
    deadline = time.monotonic() + PATIENCE
    while text not in seen:
        ready, _, _ = select.select([fd], [], [], max(deadline - time.monotonic(), 0))
        data = b""
        with contextlib.suppress(OSError):  # the program ended
            data = os.read(fd, 65536) if ready else b""
        if not data:
            raise SystemExit(f"{text.decode()!r} was never painted, but: {seen[-2000:].decode(errors='replace')}")
        seen += data


def measure(case: Case, runs: int) -> tuple[float, float]:
    """Medians of ours and the base; a first run of each only warms caches."""
    case.ours(), case.base()
    pairs = [(case.ours(), case.base()) for _ in range(runs)]
    return statistics.median(ours for ours, _ in pairs), statistics.median(base for _, base in pairs)


def configured(home: str) -> str:
    """A configuration of three hosts that lead to a closed port of this machine."""
    directory = Path(home, "config")
    directory.mkdir()
    hosts = "".join(f"  {name}: {{address: '127.0.0.1:9'}}\n" for name in ("anna", "berta", "carla"))
    (directory / "hosts.yaml").write_text(f"hosts:\n{hosts}ssh_config: /dev/null\n")
    return str(directory)


def main(runs: int) -> int:
    with tempfile.TemporaryDirectory() as home:
        config = configured(home)
        bare = [sys.executable, "-c", BARE_APP]
        cases = (
            Case(
                "gpuws --help",
                "python -c 'import typer'",
                lambda: finished([GPUWS, "--help"]),
                lambda: finished([sys.executable, "-c", "import typer"]),
                1.5,
            ),
            Case(
                "gpuws demo, first frame",
                "bare Textual app, first frame",
                lambda: painted([GPUWS, "demo"], "bravo", home),
                lambda: painted(bare, "bare-frame", home),
                2.0,
            ),
            Case(
                "gpuws with a hosts.yaml, first frame",
                "bare Textual app, first frame",
                lambda: painted([GPUWS], "gpuws", home, config),
                lambda: painted(bare, "bare-frame", home),
                2.0,
            ),
            Case(
                "gpuws with a hosts.yaml, its hosts on the screen",
                "bare Textual app, first frame",
                lambda: painted([GPUWS], "berta", home, config),
                lambda: painted(bare, "bare-frame", home),
                None,
            ),
        )
        within = True
        for case in cases:
            ours, base = measure(case, runs)
            ratio = ours / base
            fits = case.bound is None or ratio <= case.bound
            within = within and fits
            verdict = "" if case.bound is None else f" (at most {case.bound:g}) {'ok' if fits else 'TOO SLOW'}"
            print(f"{case.name}: {ours * 1000:.0f} ms; {case.base_name}: {base * 1000:.0f} ms; "
                  f"ratio {ratio:.2f}{verdict}")  # fmt: skip
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
