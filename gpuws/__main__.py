"""`python -m gpuws`, and the installed command `gpuws`."""

from __future__ import annotations

import gc
import os
import sys

COMPLETING = "_GPUWS_COMPLETE"  # set by the shell's completion, which calls the bare command

COLLECT = (50_000, 20, 50)
"""When to look for garbage. Starting makes classes and functions, hardly any garbage: looking for it all the time, and
through everything once more at the end, is a seventh of a short command."""


def main() -> int:
    gc.set_threshold(*COLLECT)
    try:
        if sys.argv[1:] in ([], ["demo"]) and COMPLETING not in os.environ:
            return _screen(demo=len(sys.argv) > 1)
        from gpuws.cli.app import run

        return run()
    except KeyboardInterrupt:
        return 130
    finally:
        gc.freeze()


def _screen(*, demo: bool) -> int:
    """Without options there is nothing to parse: the first frame comes without loading what parses."""
    from gpuws.cli.failures import guarded
    from gpuws.cli.options import Options
    from gpuws.cli.screen import show_demo, show_fleet

    return guarded(show_demo if demo else lambda: show_fleet(Options()))


if __name__ == "__main__":
    sys.exit(main())
