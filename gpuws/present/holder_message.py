"""A word to whoever holds a GPU with a notebook: its text, and the commands that would send it. Pure.

gpuws sends nothing: the text is copied, and the command is run by a person."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.consent.shell_command import on_host
from gpuws.model.ownership.kernels import Kernel
from gpuws.model.text import plain


def text(kernel: Kernel, now: float) -> str:
    """In one line, as `write` and a chat take it."""
    rest = kernel.idle(now)
    held = f"{units.size(kernel.memory)} of " if kernel.memory else ""
    where = f" and holds {held}GPU {', '.join(map(str, kernel.gpus))}" if kernel.gpus else ""
    state = f"has been idle for {units.duration(rest)}" if rest is not None else "is running"
    asks = "Do you still need it? Shutting its kernel down would free it." if kernel.gpus else "Do you still need it?"
    return f"Hello {_name(kernel)}, your {_notebook(kernel)} in {kernel.label} {state}{where}. {asks}"


def by_write(kernel: Kernel, now: float) -> str:
    """Onto the terminals where its holder is logged in on that host; "" where nobody knows who that is."""
    if not kernel.owner:
        return ""
    return _piped(kernel, now, ["write", kernel.owner])


def by_mail(kernel: Kernel, now: float) -> str:
    """As the host's own mail delivers it; "" where nobody knows whose it is."""
    if not kernel.owner:
        return ""
    subject = f"your {_notebook(kernel)} on {kernel.host}"
    return _piped(kernel, now, ["mail", "-s", subject, kernel.owner])


def _piped(kernel: Kernel, now: float, words: Sequence[str]) -> str:
    """The text into a program of that host, as typed at the workstation."""
    return f"echo {shlex.quote(text(kernel, now))} | {on_host(kernel.host, shlex.join(words))}"


def _name(kernel: Kernel) -> str:
    return plain(kernel.owner, 60) if kernel.owner else "there"


def _notebook(kernel: Kernel) -> str:
    return f"notebook {plain(kernel.name, 120)}" if kernel.notebook else f"notebook ({plain(kernel.name, 60)})"
