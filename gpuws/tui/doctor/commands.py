"""What is missing or risky on the host that is selected, or on all."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection


def check_up(app: AppBase, hosts: Sequence[str]) -> None:
    """`hosts`: () means all."""
    from gpuws.tui.doctor.screen import DoctorScreen

    app.push_screen(DoctorScreen(hosts))


DOCTOR = on_selection(
    "doctor", "H", "health", "What is missing or risky on the host", lambda app, it: check_up(app, (it.host,)),
    title=lambda it: f"Check up on {it.host}", shell=lambda it: shlex.join(["gpuws", "doctor", it.host]),
)  # fmt: skip

COMMANDS = (DOCTOR,)
