"""`python -m gpuws`, and the installed command `gpuws`."""

from __future__ import annotations

import atexit
import gc
import os
import sys

from gpuws.cli.toolkit.output import prepare
from gpuws.cli.toolkit.signals import endable

COLLECT = (50_000, 20, 50)
"""When to look for garbage. Starting makes classes and functions, hardly any garbage: looking for it all the time, and
through everything once more at the end, is a seventh of a short command."""


def main() -> int:
    gc.set_threshold(*COLLECT)
    prepare()
    try:
        with endable():
            status = _run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    _leave_threads(status)
    gc.freeze()
    return status


def _leave_threads(status: int) -> None:
    """Where a hung host holds a thread, end here: Python would stop it in the middle of foreign code, which may abort
    the program (CPython issue 87135). What is open was closed by whoever opened it."""
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                continue  # nobody reads it
        os._exit(status)


COMPLETING = "_GPUWS_COMPLETE"  # set by the shell's completion


def _run(words: list[str]) -> int:
    status = _completed(words) if COMPLETING in os.environ else _plain(words)
    if status is not None:
        return status
    from gpuws.cli.root import run

    return run()


def _completed(words: list[str]) -> int:
    from gpuws.cli.completion.shells import offer
    from gpuws.cli.root import build

    return offer(os.environ[COMPLETING], words, build)


def _plain(words: list[str]) -> int | None:
    """What is asked for most is there before what parses would be loaded; None: it is to be loaded."""
    if words in ([], ["demo"], ["demo", "--tour"]):
        return _screen(demo=bool(words), tour=len(words) > 1)
    if words[0] in ("attach", "shell", "exec"):
        from gpuws.cli.inside.quick import entered

        return entered(words)
    if words[0] == "gpus":
        from gpuws.cli.listings.gpus import listed_plainly

        return listed_plainly(words)
    return None


def _screen(*, demo: bool, tour: bool) -> int:
    from gpuws.cli.screen import show_demo, show_fleet
    from gpuws.cli.toolkit.failures import guarded
    from gpuws.cli.toolkit.options import Options

    return guarded(lambda: show_demo(tour=tour) if demo else show_fleet(Options()))


if __name__ == "__main__":
    sys.exit(main())
