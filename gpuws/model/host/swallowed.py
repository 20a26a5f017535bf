"""A login that does something else with the commands it is given: told from what came back in place of a command's own
first words. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model.text import plain

MARK = "GPUWS-HERE"
"""What a program of gpuws says first, from the shell that runs it: what stands in front is others', and where it never
comes no command of ours ran."""
MOST_QUOTED = 300  # letters of what was printed

_GUARD = "case $- in *i*) ;; *) return ;; esac"
_ABOVE = f"put `{_GUARD}` above it in the start file there (~/.bashrc, ~/.zshenv): scp and rsync need it, too"
_ADMIN = "ask its admin for a login shell: sudo chsh -s /bin/bash USER"


@dataclass(frozen=True, slots=True)
class Printed:
    """What came instead: lines of stdout and stderr, the last perhaps without an end. `status` None: not told. `hung`:
    it went on until we gave it up."""

    out: Sequence[str] = ()
    err: Sequence[str] = ()
    status: int | None = None
    hung: bool = False


@dataclass(frozen=True, slots=True)
class Swallowed:
    """`does`: what the login does, as a sentence has it. `remedy`: what leads on there."""

    does: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """`words`: what is printed then, whatever its letters' case. `remedy` has HOST for the host's name."""

    words: re.Pattern[str]
    does: str
    remedy: str


def _rule(words: str, does: str, remedy: str) -> _Rule:
    return _Rule(re.compile(words, re.IGNORECASE), does, remedy)


# The first that fits counts. Words of OpenSSH's session.c, shadow's nologin, bash -r, rssh, lshell, scponly, git-shell,
# tmux and screen, and of shells that can't read a POSIX command line.
_RULES = (
    _rule(
        r"password change required|password (?:has|is) expired|(?:must|required to) change your password",
        "its login wants a new password before anything else",
        "ssh HOST, in a terminal: it asks for the new one there",
    ),
    _rule(r"account is (?:currently )?not available", "its login shell runs nothing (nologin)", _ADMIN),
    _rule(
        r"rbash: |: restricted$|: restricted[: ]",
        "its login shell is a restricted one (rbash)",
        f"with `shell: sh` for it in hosts.yaml our commands go by a shell's name, if sh is in its PATH; or {_ADMIN}",
    ),
    _rule(
        r"restricted by rssh|forbidden (?:command|path|syntax)|unknown syntax: exec|scponly|what do you think i am"
        r"|unrecognized command 'exec|only allows? (?:sftp|scp|git)|allows? sftp connections only",
        "its login takes some commands only, and none of ours",
        _ADMIN,
    ),
    _rule(
        r"not a terminal|must be connected to a terminal|sessions should be nested with care|^\[(?:exited|detached)"
        r"|^server exited unexpectedly|^lost server",
        "its login starts tmux or screen, and not our command",
        _ABOVE,
    ),
    _rule(
        r"\bssh\s+(?:\S+\s+)*-[JW]\b|proxy ?jump|jump ?(?:host|box|server)|bastion|gateway",
        "its login runs no commands: it is a way to other hosts",
        "list those behind it, each with `jump: HOST`, and take this one out of hosts.yaml",
    ),
    _rule(
        r"/bin/sh\W.*(?:no such file|not found|not recogni|does not exist)",
        "there is no /bin/sh",
        "`shell: PATH` for it in hosts.yaml names a POSIX shell there",
    ),
    _rule(
        r"unknown command|command not found|parse error|syntax ?error|error: nu::|not recogni[sz]ed as|exec: not found"
        r"|nameerror|external command failed",
        "its login shell does not understand our command line",
        f"with `shell: /bin/sh` for it in hosts.yaml a plainer one is sent; or {_ADMIN}",
    ),
)


def judge(printed: Printed, host: str) -> Swallowed:
    """What the login does. `host`: its name, for the remedy."""
    lines = [line for line in (*printed.out, *printed.err) if line.strip()]
    said = f": it printed “{plain(' '.join(lines), MOST_QUOTED)}”" if lines else ""
    for rule in _RULES:
        if any(rule.words.search(line) for line in lines):
            return Swallowed(f"{rule.does}{said}", rule.remedy.replace("HOST", shlex.quote(host)))
    if printed.hung:
        waits = "waits for an answer" if lines else "starts something that waits (another shell, `read`)"
        return Swallowed(f"its login {waits}, and runs no command{said}", _ABOVE)
    if lines:
        forced = "a ForceCommand in its sshd_config, `command=` in authorized_keys or a start file does that"
        return Swallowed(f"its login runs something else than our command{said}", forced)
    ended = f" (status {printed.status})" if printed.status else ""
    return Swallowed(f"its login ends without running our command{ended}, and prints nothing", _ABOVE)
