"""tmux and Jupyter, started by the container's own command: they come back after a restart. Pure.

The script stands in the `docker run` line that is shown, so it is as short as it can be: what an image lacks its shell
says itself (`gpuws: tmux: not found`), and goes on."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpuws.model.profile.profile import JupyterWish, Profile, TmuxWish

STAY = ("sleep", "infinity")
_SHELL_WORDS, _NAME = ("sh", "-c"), "gpuws"

_ENVIRONMENT = 'export LANG="${LANG:-C.UTF-8}" SHELL="${SHELL:-$(command -v bash || command -v sh)}"; '
# tmux's own default are login shells, whose /etc/profile resets the PATH of the image (Debian's does).
_TMUX = (
    'tmux start \\; if -F "#{{default-command}}" "" "set -g default-command \'exec \\$SHELL\'" \\; new -ds {session}; '
)
# Its token is made inside at each start, in a file that only its user reads: Jupyter prints no token that it was given,
# so none comes into the container's log, nor into its environment or command line. An empty one would let everybody in.
_JUPYTER = (
    '{{ t=$(mktemp); od -An -tx1 -N24 /dev/urandom | tr -d " \\n" >$t; }} 2>/dev/null; [ -s "$t" ] || t=; '
    "{start}JUPYTER_TOKEN_FILE=$t jupyter lab --no-browser --allow-root --ip={ip} --port={port} {end}& w=$!; "
)
# One that was shut down ends with 0, and stays away; so does one that is told to end.
_ONCE = ("", "")
_AGAIN = ('(trap "kill \\$j; wait \\$j; exit" TERM; until ', "& j=$!; wait $j; do sleep 5; done) ")

# A stop tells the main program only, and when that ends the kernel kills all others. So SIGTERM is passed on to what
# runs in tmux and notebooks, and its end is waited for. Left alone are pid 1, tmux, which would hang up on its programs
# while they save, and whoever ignores SIGTERM, as shells at a prompt do: bit 14 of SigIgn in /proc/PID/status.
_PASS_ON = (
    'end() {{ trap "" TERM; for d in /proc/[0-9]*; do p=${{d#/proc/}}; case "$p $(cat $d/comm $d/status)" in '
    '"1 "*|"$$ "*|*" tmux"*|*SigIgn:?????????????[4-7c-f]*) ;; *) kill $p && w="$w $p";; esac; done; '
    "for p in $w; do while kill -0 $p; do sleep 0.1; done; done; exit 143; }} 2>/dev/null; trap end {signals}; "
)
# Where processes of others are in sight (`pid: host`), only what this shell started is told.
_PASS_ON_TO_ITS_OWN = 'end() {{ trap "" TERM; kill $w $!; wait; exit 143; }}; trap end {signals}; '

_OTHER_STOPS = {"1": "HUP", "2": "INT", "3": "QUIT", "10": "USR1", "12": "USR2"}
"""Signals that every shell knows by name: it would end at once where it is told one that it does not know."""

_MAIN = '"$@" & wait $!'
_MAIN_THAT_READS = '{ "$@" <&3 3<&- & } 3<&0; wait $!'
"""What a shell runs beside itself reads nothing, unless it is told what."""


def command_of(profile: Profile) -> tuple[str, ...] | None:
    """The command to create with; None: the image's own."""
    jupyter = profile.jupyter if profile.jupyter and profile.jupyter.start else None
    if not profile.tmux and not jupyter:
        return profile.command
    main = _MAIN_THAT_READS if profile.tty or profile.stdin_open else _MAIN
    script = _end(profile) + _ENVIRONMENT + _tmux(profile.tmux) + _jupyter(jupyter, profile.network_mode) + main
    return (*_SHELL_WORDS, script, _NAME, *(profile.command or STAY))


def main_of(command: Sequence[str]) -> Sequence[str]:
    """The program that it is all about, of a command with our wrapper or without."""
    wrapped = tuple(command[:2]) == _SHELL_WORDS and [*command[3:4]] == [_NAME]
    return command[4:] if wrapped else command


def _end(profile: Profile) -> str:
    """Upon the profile's own signal, too, where a stop sends another one."""
    said = (profile.stop_signal or "").removeprefix("SIG")
    other = _OTHER_STOPS.get(said, said)
    signals = f"TERM {other}" if other in _OTHER_STOPS.values() else "TERM"
    return (_PASS_ON_TO_ITS_OWN if profile.pid else _PASS_ON).format(signals=signals)


def _tmux(wish: TmuxWish | None) -> str:
    return _TMUX.format(session=shlex.quote(wish.session)) if wish else ""


def _jupyter(wish: JupyterWish | None, network: str | None) -> str:
    """On all addresses of the container, unless it is to be its loopback: nothing is published. On the host's own
    network loopback only."""
    if wish is None:
        return ""
    start, end = _AGAIN if wish.restart == "on-failure" else _ONCE
    ip = "127.0.0.1" if network == "host" or wish.bind == "loopback" else "0.0.0.0"
    return _JUPYTER.format(start=start, end=end, ip=ip, port=wish.port)
