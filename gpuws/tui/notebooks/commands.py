"""Jupyter of what is selected in the browser, its kernel, and a word to whoever holds it."""

from __future__ import annotations

import shlex
import time
from functools import partial

from gpuws.model.consent.kernels import DONE, kernel_command, target_of
from gpuws.model.errors import Refused
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.kernels import Kernel, kernels
from gpuws.model.session.notebook import KernelAct
from gpuws.present.holders import main_process
from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection, unmark
from gpuws.tui.dialogs.ask import sure_at
from gpuws.tui.selection import Selection, unchangeable, unreachable
from gpuws.tui.sessions.commands import command, label, shut, which_door
from gpuws.tui.sessions.doors import Door, notebooks
from gpuws.tui.verbs import tell

# the browser


def jupyter(app: AppBase, door: Door) -> None:
    """Asked for where the place is not mine."""
    from gpuws.tui.tunnels.browser import open_jupyter

    def go() -> None:
        open_jupyter(app, door.place, door.label, door.notebook, door.port)

    sure_at(app, "jupyter", door.place, door.command, go)


def _run(app: AppBase, selection: Selection) -> None:
    if selection.tunnel is not None:
        from gpuws.tui.tunnels.browser import browse

        browse(app, selection.tunnel)
    else:
        which_door(app, "Open Jupyter of", notebooks(selection), lambda door: jupyter(app, door))


def _opens(selection: Selection) -> str:
    """With the notebook, where one is meant."""
    ways = notebooks(selection)
    if selection.tunnel is not None:
        return "Open the tunnel in the browser"
    if len(ways) == 1 and ways[0].notebook:
        return f"Open {ways[0].notebook} of {ways[0].label}"
    return label("Open Jupyter of", ways)


JUPYTER = on_selection(
    "jupyter", "o", "notebook", "Open Jupyter in the browser, through a tunnel; of a notebook's row that one", _run,
    title=_opens,
    why_not=lambda it: shut(it) or ("" if notebooks(it) else "no running container here"),
    shell=lambda it: command(notebooks(it)), says=lambda it: "browser" if it.tunnel is not None else "", hint=3,
)  # fmt: skip

# the kernel


def _chosen(selection: Selection) -> tuple[Kernel, ...]:
    """All that are marked, else the one the cursor is on."""
    return selection.kernels or ((selection.kernel,) if selection.kernel is not None else ())


def _act(app: AppBase, selection: Selection) -> None:
    """Asked as the shell asks, then done to all of them."""
    from gpuws.tui.notebooks.kernel_screen import KernelScreen

    chosen = [one for one in _chosen(selection) if one.notebook is not None]
    hosts = {one.host: app.state.hosts.get(one.host) or HostSnapshot(one.host) for one in chosen}
    try:
        screen = KernelScreen(chosen, hosts)
    except Refused as error:
        tell(app, error)
        return

    def then(act: KernelAct | None) -> None:
        if act is not None:
            calls = {target_of(one): partial(app.fleet.act_on_kernel, one.host, one.id, act) for one in chosen}
            app.verbs.run_all(calls, lambda outcome: app.tell_outcome(outcome, DONE[act], "kernels"))
            unmark(app)

    app.push_screen(screen, then)


def _act_title(selection: Selection) -> str:
    chosen = _chosen(selection)
    if len(chosen) > 1:
        return f"Interrupt, restart or shut down {len(chosen)} kernels"
    return f"Interrupt, restart or shut down the kernel of {chosen[0].name}" if chosen else ""


def _act_missing(selection: Selection) -> str:
    if reason := unchangeable(selection):
        return reason
    told = any(one.notebook is not None for one in _chosen(selection))
    return "" if told else "no server whose token is at hand tells of this kernel: M writes to its holder"


KERNEL = on_selection(
    "kill", "", "kernel", "Interrupt, restart or shut down a notebook's kernel", _act,
    title=_act_title, why_not=_act_missing,
    shell=lambda it: kernel_command("interrupt", it.kernel) if it.kernel is not None and len(_chosen(it)) == 1 else "",
)  # fmt: skip

# a word to its holder


def _holding(selection: Selection) -> Kernel | None:
    """The kernel that the selection is about: a notebook's row, its process, or a GPU that it holds."""
    if selection.kernel is not None:
        return selection.kernel
    place = selection.mig or selection.gpu
    process = selection.process or (main_process(place) if place is not None and selection.container is None else None)
    found = kernels(selection.snapshot) if process is not None and process.kernel else ()
    return next((one for one in found if process is not None and one.id == process.kernel), None)


def _write(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.notebooks.message_screen import MessageScreen

    kernel = _holding(selection)
    assert kernel is not None  # as `title` said
    app.push_screen(MessageScreen(kernel, time.time()), lambda words: app.copy(words) if words else None)


def _message_title(selection: Selection) -> str:
    kernel = _holding(selection)
    return f"A word to {kernel.owner or 'the holder'} about {kernel.name}" if kernel and not kernel.mine else ""


def _message_missing(selection: Selection) -> str:
    reason = unreachable(selection.snapshot)
    if reason or _message_title(selection):
        return reason
    kernel = _holding(selection)
    return f"{kernel.name} is yours: there is nobody to write to" if kernel else "no notebook is selected"


def _message_shell(selection: Selection) -> str:
    kernel = _holding(selection)
    return shlex.join(["gpuws", "kernels", "message", target_of(kernel)]) if kernel is not None else ""


MESSAGE = on_selection(
    "message", "M", "message", "A word to whoever holds it with a notebook: its text, or a command that sends it",
    _write, title=_message_title, shell=_message_shell,
    why_not=_message_missing,
)  # fmt: skip

COMMANDS = (JUPYTER, KERNEL, MESSAGE)
