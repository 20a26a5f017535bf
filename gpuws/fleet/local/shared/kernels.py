"""What is done to a kernel, and what became of it where the answer was lost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gpuws.fleet.local.shared.unanswered import look_up
from gpuws.jupyter import kernels
from gpuws.jupyter.ages import began_anew
from gpuws.model.errors import GpuwsError, Unanswered
from gpuws.model.workspace.aftermath import Aftermath, of_kernel

if TYPE_CHECKING:
    from gpuws.fleet.local.host.supervisor import Supervisor
    from gpuws.jupyter.kernels import Reached
    from gpuws.link.place import Place
    from gpuws.model.session.notebook import KernelAct

DONE: dict[KernelAct, str] = {"interrupt": "interrupted", "restart": "restarted", "shutdown": "shut down"}


def act_on(supervisor: Supervisor, home: Reached, kernel: str, act: KernelAct) -> None:
    """As `jupyter.kernels` has it; `home`: the server that told of it."""
    asked = time.monotonic()
    try:
        kernels.act_on(home.server, home.dial, kernel, act)
    except Unanswered as error:
        look_up(supervisor, error, f"the kernel {kernel[:8]}", DONE[act], lambda: _now(supervisor, kernel, act, asked))


def _now(supervisor: Supervisor, kernel: str, act: KernelAct, asked: float) -> Aftermath:
    supervisor.link()
    whole, found = supervisor.read_notebooks(), supervisor.home_of(kernel)
    if found is None:
        if not whole:
            raise GpuwsError("a server did not answer, which may have it")
        return of_kernel(act, there=False)
    state = next((one.state for one in supervisor.snapshot.notebooks if one.kernel == kernel), None)
    anew = began_anew(_place(supervisor, found), kernel, asked) if act == "restart" else None
    return of_kernel(act, there=True, state=state, anew=anew)


def _place(supervisor: Supervisor, found: Reached) -> Place:
    if found.container is None:
        return supervisor.link()
    listed = supervisor.snapshot.workspaces
    return supervisor.engine().place(next(one.id for one in listed if one.name == found.container))
