"""tmux and Jupyter, started by the container's own command: they come back after a restart. Pure."""

from __future__ import annotations

import shlex

from gpuws.model.profile.profile import JupyterWish, Profile, TmuxWish

STAY = ("sleep", "infinity")

_SHELL = (
    'export SHELL="${SHELL:-$(command -v bash || command -v sh)}"; '
    '[ -n "$LANG$LC_ALL$LC_CTYPE" ] || export LANG=C.UTF-8; '
)
_TMUX = (
    "if command -v tmux >/dev/null; then tmux new-session -d -s {session} || echo gpuws: tmux did not start >&2; "
    "else echo gpuws: this image has no tmux, no session was started >&2; fi; "
)
_JUPYTER = (
    "if command -v jupyter >/dev/null; then "
    'jupyter lab --no-browser --ip={ip} --port={port} $([ "$(id -u)" != 0 ] || echo --allow-root) & '
    "else echo gpuws: this image has no JupyterLab, none was started >&2; fi; "
)
# A stop tells the main program only, and when that ends the kernel kills all others. So SIGTERM is passed on to what
# runs in tmux and notebooks, and its end is waited for; not that of who ignores it, as shells at a prompt do.
_END = (
    "end() { trap '' TERM; left=; for dir in /proc/[0-9]*; do pid=${dir#/proc/}; "
    'read -r name 2>/dev/null <$dir/comm || continue; case "$pid $name" in "1 "*|"$$ "*|*" tmux"*) continue;; esac; '
    'mask=0; while read -r key mask; do [ "$key" != SigIgn: ] || break; done <$dir/status; '
    'kill -TERM $pid 2>/dev/null && [ $((0x$mask & 0x4000)) = 0 ] && left="$left $pid"; done; '
    "for pid in $left; do while kill -0 $pid 2>/dev/null; do sleep 0.1; done; done; exit 143; }; trap end TERM; "
)
_MAIN = '"$@" & wait $!'
_MAIN_THAT_READS = 'exec 3<&0; "$@" <&3 3<&- & exec 3<&-; wait $!'
"""What a shell runs beside itself reads nothing, unless it is told what."""


def command_of(profile: Profile) -> tuple[str, ...] | None:
    """The command to create with; None: the image's own."""
    jupyter = profile.jupyter if profile.jupyter and profile.jupyter.start else None
    if not profile.tmux and not jupyter:
        return profile.command
    main = _MAIN_THAT_READS if profile.tty or profile.stdin_open else _MAIN
    script = _END + _SHELL + _tmux(profile.tmux) + _jupyter(jupyter, profile.network_mode) + main
    return ("sh", "-c", script, "gpuws", *(profile.command or STAY))


def _tmux(wish: TmuxWish | None) -> str:
    return _TMUX.format(session=shlex.quote(wish.session)) if wish else ""


def _jupyter(wish: JupyterWish | None, network: str | None) -> str:
    """On all addresses of the container: nothing is published. On the host's own network loopback only."""
    if wish is None:
        return ""
    return _JUPYTER.format(ip="127.0.0.1" if network == "host" else "0.0.0.0", port=wish.port)
