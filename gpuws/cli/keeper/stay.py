"""keeper --stay: the background process goes on reading all hosts without a screen; a unit of systemd for it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
from pathlib import Path

from gpuws.cli.toolkit.environment import keeper_wanted
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import keeper_dialer, keeper_home, user_paths
from gpuws.keeper.client.dialer import good
from gpuws.keeper.wire.messages import Stay
from gpuws.model.errors import GpuwsError, Refused
from gpuws.quick.failures import keeper_ended
from gpuws.quick.framing import Broken

AGAIN = 60.0
"""Seconds between two words to the keeper, by which it takes up hosts that came into the configuration."""
PLAIN = re.compile(r"[A-Za-z0-9/._+-]+")
UNIT = "gpuws-keeper.service"
TEXT = """[Unit]
Description=gpuws reads the GPU servers of its user, for gpuws report and notices
After=network-online.target

[Service]
ExecStart={command}
Restart=always
RestartSec=10

[Install]
WantedBy=default.target
"""
HOW = """to install it:
  gpuws keeper unit > ~/.config/systemd/user/{unit}
  systemctl --user enable --now {unit}
  loginctl enable-linger        # so that it goes on when you are logged out
a login that needs your agent or a code waits until you open gpuws there once"""


def stay(options: Options) -> int:
    """Until it is interrupted, or the keeper ends. Then whatever started it may start it anew."""
    if not keeper_wanted():
        raise Refused("there is no background process here", "leave GPUWS_KEEPER=0 and GPUWS_DEMO=1 out")
    dialer = keeper_dialer(keeper_home(options, user_paths(options)), person=False)
    wire = dialer.open()
    try:
        wire.send(Stay())
        good(wire.receive())
        note("the background process stays, and reads all hosts — Ctrl-C lets it go")
        while True:
            with contextlib.suppress(TimeoutError):
                wire.receive(AGAIN)  # nothing but its end
            wire.send(Stay())
            try:
                good(wire.receive())
            except GpuwsError as error:  # the configuration is wrong for a while
                note(str(error))
    except Broken as broken:
        raise keeper_ended() from broken
    finally:
        wire.close()


def print_unit(options: Options) -> int:
    """On stdout the unit, beside it how it is installed; nothing is."""
    program = shutil.which(sys.argv[0]) or shutil.which("gpuws") or sys.argv[0]
    words = [os.fspath(Path(program).absolute()), "keeper", "--stay"]
    if options.config_dir:
        words += ["--config-dir", os.fspath(Path(options.config_dir).absolute())]
    if options.readonly:
        words.append("--readonly")
    sys.stdout.write(TEXT.format(command=" ".join(map(_quoted, words))))
    note(HOW.format(unit=UNIT))
    return 0


def _quoted(word: str) -> str:
    """As systemd reads it: `%` and `$` mean something there."""
    exact = word.replace("%", "%%").replace("$", "$$")
    return exact if PLAIN.fullmatch(word) else '"' + exact.replace("\\", "\\\\").replace('"', '\\"') + '"'
