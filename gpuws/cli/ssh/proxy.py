"""ssh-proxy: the SSH server of a place, on stdin and stdout."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from gpuws.cli.ssh.config import files
from gpuws.cli.toolkit.confirmation import confirm
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.model.errors import TargetError, UsageError
from gpuws.model.query.target import Found, Target, parse, resolve

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

STDIN, STDOUT, STDERR = 0, 1, 2
SERVER = "gpuws.sshserver.serve"


def be_proxy(options: Options, word: str) -> int:
    """Until ssh goes away. What a command of `exec` would be asked for is asked for here, once for all programs."""
    if sys.stdin.isatty() or sys.stdout.isatty():
        raise UsageError("ssh-proxy speaks with ssh, not with a person", "gpuws ssh-config says how ssh finds it")
    Thread(
        target=import_module, args=[SERVER], daemon=True
    ).start()  # a tenth of a second, while the place is looked for
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = exactly(word, find(fleet, target, options.timeout))
        confirm("exec", [found], options)
        _serve(fleet, Lookup(fleet, target, found, options), options)
    return 0


def exactly(word: str, found: Found) -> Found:
    """`found`, if `word` is the whole of its name. An alias outlives what it was written for: then a container that is
    called as the host was, or whose id begins with what was a name, is another place."""
    if found.label != word:
        raise TargetError(f"{word} is there no more", "gpuws ssh-config writes the names anew")
    return found


def _serve(fleet: Fleet, lookup: Lookup, options: Options) -> None:
    from gpuws.sshserver.serve import serve
    from gpuws.sshserver.stdio import StdioSocket

    reading, writing = os.dup(STDIN), os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)  # whatever is printed by mistake is no packet
    serve(StdioSocket(reading, writing), files(options).host_key, fleet, lookup)


class Lookup:
    """What the target names, each time that it is asked: a workspace may have been made anew since, by somebody else,
    too."""

    def __init__(self, fleet: Fleet, target: Target, found: Found, options: Options) -> None:
        self._fleet = fleet
        self._target = target
        self._found = found
        self._options = options

    def __call__(self) -> Found:
        found = exactly(self._target.word, resolve(self._target, self._fleet.snapshots()))
        if found.place != self._found.place:
            confirm("exec", [found], self._options)
            self._found = found
        return self._found
