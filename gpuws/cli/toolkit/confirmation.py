"""Asking before harm (INTERFACE §3): on the terminal, or by flags where there is none."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterable, Sequence

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.model.consent.confirm import Confirmation, Verb, confirmation, one_word
from gpuws.model.errors import Refused
from gpuws.model.query.target import Found
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.text import plain


def confirm(
    verb: Verb, found: Sequence[Found], options: Options, *, command: str | None = None, force: bool = False
) -> None:
    """Raises Refused unless `verb` may be done to all of `found`, containers or hosts: read-only, or not confirmed."""
    now = time.time()
    asked = (confirmation(verb, one.container, one.snapshot, now, command=command, force=force) for one in found)
    settle(asked, options)


def agreed(wanted: Iterable[Confirmation | None], commands: Sequence[str], options: Options) -> bool:
    """Whether to go on: as `settle`, or False once `--dry-run` has shown the commands, and what would be asked for."""
    asked = list(wanted)  # refused before anything is shown
    if not options.dry_run:
        settle(asked, options)
        return True
    sys.stdout.write("".join(f"{command}\n" for command in commands))
    foreign = [one for one in asked if one is not None and one.word]
    if foreign and options.yes_not_mine != _word(foreign):
        note(_flag(foreign))
    return False


def each(
    verb: Verb, found: Sequence[Found], commands: Sequence[str], tunnels: Sequence[Tunnel] = ()
) -> list[Confirmation | None]:
    """What is asked of each before `verb`, with the command that does the same. `tunnels`: those that are open."""
    now, pairs = time.time(), zip(found, commands, strict=True)
    return [
        confirmation(verb, one.container, one.snapshot, now, command=command, tunnels=tunnels) for one, command in pairs
    ]


def settle(wanted: Iterable[Confirmation | None], options: Options) -> None:
    """Raises Refused unless a person, or the flags, agree to all of it. None: nothing is asked."""
    asked = [one for one in wanted if one is not None]
    foreign = [one for one in asked if one.word]
    open_ = [one for one in asked if not one.word and not options.yes]
    if foreign and options.yes_not_mine is None:
        open_ += foreign
    elif foreign and options.yes_not_mine != _word(foreign):
        raise Refused(f"--yes-not-mine {options.yes_not_mine!r} does not fit", _flag(foreign))
    if open_:
        _ask(open_, [one for one in foreign if one in open_])


def _word(foreign: Sequence[Confirmation]) -> str:
    return one_word([one.word for one in foreign if one.word]) or ""


def _flag(foreign: Sequence[Confirmation]) -> str:
    whose = f"{len(foreign)} of these are not yours" if len(foreign) > 1 else "it is not yours alone"
    return f"{whose}: to go on add --yes-not-mine {shlex.quote(_word(foreign))}"


def agree(text: str, flag: str) -> None:
    """A plain yes on the terminal; Refused otherwise. `flag` would have answered."""
    _need_terminal(f"add {flag}")
    if reply(f"{text} [y/N] ").lower() not in ("y", "yes"):
        raise Refused("not confirmed")


def _ask(asked: Sequence[Confirmation], foreign: Sequence[Confirmation]) -> None:
    own = len(asked) > len(foreign)
    flags = " and ".join([*(["add --yes"] if own else []), *([_flag(foreign)] if foreign else [])])
    _need_terminal(flags)
    for one in asked:
        # the command, which may be longer than the screen, does not push away what is asked
        lines = [f"$ {one.command}", one.title, *(f"  {line}" for line in one.lines)]
        sys.stderr.write("".join(f"{plain(line, 2000) if line else ''}\n" for line in lines))
    if own:
        agree("Go on?", "--yes")
    if foreign:
        what = "how many of these are not yours" if len(foreign) > 1 else _word(foreign)
        if reply(f"Type {what} to go on: ") != _word(foreign):
            raise Refused("not confirmed")


def asks() -> bool:
    """There is a terminal to ask on."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _need_terminal(remedy: str) -> None:
    if not asks():
        raise Refused("not confirmed: there is no terminal to ask on", remedy)


def reply(prompt: str) -> str:
    """A line that a person types."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()
