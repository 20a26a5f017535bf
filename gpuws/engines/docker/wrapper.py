"""tmux and Jupyter, started by the container's own command: they come back after a restart. Pure."""

from __future__ import annotations

import shlex

from gpuws.model.profile import JupyterWish, Profile, TmuxWish

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


def command_of(profile: Profile) -> tuple[str, ...] | None:
    """The command to create with; None: the image's own."""
    jupyter = profile.jupyter if profile.jupyter and profile.jupyter.start else None
    if not profile.tmux and not jupyter:
        return profile.command
    script = _SHELL + _tmux(profile.tmux) + _jupyter(jupyter, profile.network_mode) + 'exec "$@"'
    return ("sh", "-c", script, "gpuws", *(profile.command or STAY))


def _tmux(wish: TmuxWish | None) -> str:
    return _TMUX.format(session=shlex.quote(wish.session)) if wish else ""


def _jupyter(wish: JupyterWish | None, network: str | None) -> str:
    """On all addresses of the container: nothing is published. On the host's own network loopback only."""
    if wish is None:
        return ""
    return _JUPYTER.format(ip="127.0.0.1" if network == "host" else "0.0.0.0", port=wish.port)
