"""code: an editor on a host or in a workspace, by its SSH alias."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gpuws.cli.ssh.config import before, include, not_led, write
from gpuws.cli.toolkit.environment import demo_wanted
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.model.consent.confirm import writable
from gpuws.model.errors import Refused, UsageError
from gpuws.model.host.naming import at_colon
from gpuws.model.query.target import Found, parse
from gpuws.model.ssh_alias import SshAlias, together
from gpuws.present.editor_words import editor_words

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

EDITOR = "GPUWS_EDITOR"
USUAL = "code"
HOME = ("sh", "-c", 'printf %s "$HOME"')
NO = 1  # of `test`; anything else says that it could not be told


def open_editor(options: Options, word: str) -> int:
    """The editor's own status."""
    name, _, directory = at_colon(word)  # a directory may hold what else would end a target
    setup = set_up(options)
    target = parse(name, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        writable(found.snapshot)
        known = together(fleet.snapshots(), before(options), setup.names())
        alias = _alias(found, known)
        editor = os.environ.get(EDITOR) or USUAL
        words = editor_words(editor, alias.name, _directory(fleet, found, directory))
        if options.dry_run or demo_wanted():
            sys.stdout.write(f"{shlex.join(words)}\n")
            return 0
        write(options, known)
    if reason := not_led(alias):
        raise UsageError(reason, include(options))
    return _run(words)


def _alias(found: Found, known: Sequence[SshAlias]) -> SshAlias:
    for one in known:
        if one.target == found.label:
            return one
    raise Refused(
        f"{found.label} has no name for ssh",
        "it is not yours, its name would need quotes, or ssh takes two for the same",
    )


def _directory(fleet: Fleet, found: Found, given: str) -> str:
    """In full, as an editor wants it: from where programs start there, or from home. UsageError where it is none: the
    editor would say so only after it had installed its server."""
    path = given
    if not given.startswith("/"):
        at_home = given == "~" or given.startswith("~/")
        told = fleet.run(found.place, HOME if at_home else ("pwd",)).stdout.decode(errors="replace").strip()
        base = told if told.startswith("/") and "\n" not in told else "/"  # a program of the image's says it
        path = str(PurePosixPath(base) / (given[2:] if at_home else given))
    if given and fleet.run(found.place, ("test", "-d", path)).status == NO:
        raise UsageError(f"there is no directory {path} in {found.label}", "gpuws exec can make it: mkdir -p")
    return path


def _run(words: list[str]) -> int:
    if shutil.which(words[0]) is None:
        raise UsageError(
            f"there is no program {words[0]} here", f"install its command line, or name another editor in ${EDITOR}"
        )
    return subprocess.run(words, check=False).returncode
