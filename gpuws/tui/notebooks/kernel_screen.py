"""Interrupt, restart or shut down kernels: whose, what each holds, and the exact command."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

from gpuws.model.consent.confirm import Confirmation, together
from gpuws.model.consent.kernels import MEANS, WORDS, kernel_question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.kernels import Kernel
from gpuws.model.session.notebook import KernelAct
from gpuws.model.units import count
from gpuws.tui.dialogs.rungs import Rung, RungScreen

ACTS: tuple[KernelAct, ...] = get_args(KernelAct)


class KernelScreen(RungScreen[KernelAct]):
    """What is to be done to all of `chosen`. `hosts`: by name, as they are now. `Refused` where nothing can be."""

    DEFAULT_CSS = "KernelScreen > .box { width: 80; }"

    def __init__(self, chosen: Sequence[Kernel], hosts: Mapping[str, HostSnapshot]) -> None:
        now = time.time()

        def ask(act: KernelAct) -> Confirmation:
            return question(act, chosen, hosts, now)

        super().__init__([Rung(act, WORDS[act].capitalize(), MEANS[act]) for act in ACTS], ask, ACTS[0])


def question(act: KernelAct, chosen: Sequence[Kernel], hosts: Mapping[str, HostSnapshot], now: float) -> Confirmation:
    """About one or all of them, whatever is then done."""
    title = f"{count(len(chosen), 'kernel')}: what is to be done?"
    asked = together(title, [kernel_question(act, one, hosts[one.host], now) for one in chosen])
    assert asked is not None  # a question is never nothing
    return replace(asked, title=f"The kernel of {chosen[0].name} in {chosen[0].label}" if len(chosen) == 1 else title)
