"""The short way of `gpuws gpus --json`: the text as the keeper has it ready."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gpuws.cli.toolkit.options import Options, keeper_wanted


def printed(options: Options, hosts: list[str]) -> bool:
    """False: nothing was printed, and the long way is to be gone."""
    if not keeper_wanted():
        return False
    from gpuws.config.paths import find_paths
    from gpuws.keeper.home import find_home
    from gpuws.quick.connection import ready_text

    paths = find_paths(Path(options.config_dir) if options.config_dir else None, os.environ)
    home = find_home(paths, readonly=options.readonly)
    text = ready_text(os.fspath(home.socket), [*hosts, *options.host], options.tag)
    if text is None:
        return False
    sys.stdout.write(f"{text}\n")
    return True
