"""What is said and asked before a Jupyter kernel is interrupted, restarted or shut down, or its server ended. Pure.

Mine asks where it holds GPU memory, or may, and before a running cell is thrown away; not mine asks for the notebook's
name, and only where its server's token is at hand."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gpuws.model import units
from gpuws.model.consent.confirm import FOREIGN, Confirmation, cuts, writable
from gpuws.model.errors import Refused
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.kernels import Kernel, kernels
from gpuws.model.query.target import Found
from gpuws.model.session.notebook import KernelAct
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.text import plain, typed

TITLES: Mapping[KernelAct, str] = {
    "interrupt": "Interrupt the kernel of",
    "restart": "Restart the kernel of",
    "shutdown": "Shut down the kernel of",
}
WORDS: Mapping[KernelAct, str] = {"interrupt": "interrupt", "restart": "restart", "shutdown": "shut down"}
DONE: Mapping[KernelAct, str] = {"interrupt": "interrupted", "restart": "restarted", "shutdown": "shut down"}
MEANS: Mapping[KernelAct, str] = {
    "interrupt": "The cell that runs ends with KeyboardInterrupt; variables and GPU memory stay.",
    "restart": "Its variables are lost and its GPU memory is freed; the notebook stays open.",
    "shutdown": "It ends: its variables are lost and its GPU memory is freed; the notebook's file stays.",
}


def word_of(kernel: Kernel) -> str:
    """What is typed to name it: its notebook's file, else the beginning of its id."""
    return typed(kernel.typed, kernel.short)


def target_of(kernel: Kernel) -> str:
    """As the command line takes it."""
    path = kernel.notebook.path if kernel.notebook else ""
    return f"{kernel.label}:{typed('' if ':' in path else path, kernel.short)}"


def kernel_command(act: KernelAct, kernel: Kernel) -> str:
    """gpuws' own command: what Jupyter itself has takes a token."""
    return shlex.join(["gpuws", "kernels", act, target_of(kernel)])


def kernel_confirmation(act: KernelAct, kernel: Kernel, snapshot: HostSnapshot, now: float) -> Confirmation | None:
    """What to ask; None: nothing. `Refused` on a read-only host, and where no token is at hand."""
    asked = kernel_question(act, kernel, snapshot, now)
    if asked.word is None and not _costs(act, kernel):
        return None
    return replace(asked, lines=(asked.lines[0], MEANS[act], *asked.lines[1:]))


def kernel_question(act: KernelAct, kernel: Kernel, snapshot: HostSnapshot, now: float) -> Confirmation:
    """What is said of it and what must be typed, also where a mere command would do. `Refused` as above."""
    writable(snapshot)
    if kernel.notebook is None:
        raise Refused(
            f"no Jupyter server whose token is at hand tells of {kernel.name} on {snapshot.name}",
            "an editor runs it, or it is somebody else's: gpuws kernels message writes to its holder",
        )
    lines = [f"{_whose(kernel)} notebook, {', '.join(figures(kernel, now))}."]
    word = None if kernel.mine else word_of(kernel)
    if word:
        lines.append(f"{FOREIGN}: type {word} to go on.")
    title = f"{TITLES[act]} {kernel.name} on {kernel.label}?"
    row = f"{kernel.name}  {kernel.label}  {', '.join(figures(kernel, now))}"
    return Confirmation(title, tuple(lines), kernel_command(act, kernel), word, busy=kernel.busy, row=row)


def server_question(found: Found, port: int | None, now: float, tunnels: Sequence[Tunnel] = ()) -> Confirmation:
    """Before the server on `port` (None: the only one) ends; with what its kernels hold, as far as that is known, and
    which of `tunnels`, those that are open, it cuts. `Refused` on a read-only host, and for what is not mine."""
    writable(found.snapshot)
    if found.container is not None and not found.container.mine:
        raise Refused(f"{found.label} is not yours: nothing is ended there")
    home = found.container.name if found.container else None
    there = [one for one in kernels(found.snapshot) if one.container == home and one.notebook is not None]
    meant = [one for one in there if port in (None, one.notebook.port if one.notebook else None)]
    lines = [f"{one.name}: {', '.join(figures(one, now))}" for one in meant]
    led = [one for one in tunnels if one.place == found.place and one.target.kind == "notebook"]
    lines += cuts([one for one in led if port in (None, one.target.port)])
    label = f"{found.label}:{port}" if port else found.label
    which = f" on port {port}" if port else ""
    return Confirmation(
        f"Stop the Jupyter server{which} in {found.label}?",
        ("Its kernels end, with what they hold.", *lines),
        shlex.join(["gpuws", "jupyter", label, "--stop"]),
        busy=any(one.busy for one in meant),
    )


def figures(kernel: Kernel, now: float) -> Sequence[str]:
    """`idle 9h00`, `61G of GPU 2`; what is not known is not told."""
    notebook, rest = kernel.notebook, kernel.idle(now)
    found = [plain(notebook.state, 20)] if notebook and notebook.state else []
    if rest is not None:
        found = [f"idle {units.duration(rest)}"]
    if kernel.gpus:
        where = f"GPU {','.join(map(str, kernel.gpus))}"
        found.append(where if kernel.memory is None else f"{units.size(kernel.memory)} of {where}")
    return found or ["of which nothing is known"]


def _costs(act: KernelAct, kernel: Kernel) -> bool:
    """It holds GPU memory, or nobody knows whether; or a running cell is thrown away with its kernel."""
    return kernel.memory != 0 or (kernel.busy and act != "interrupt")


def _whose(kernel: Kernel) -> str:
    return "your" if kernel.mine else f"{plain(kernel.owner)}'s" if kernel.owner else "somebody's"
