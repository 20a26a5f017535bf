"""What works there: gpuws' own agent, tmux, and GPUs of mine that do nothing."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from gpuws.model import text, units
from gpuws.model.checkup import mending
from gpuws.model.checkup.facts import Exam
from gpuws.model.gpu.gpu import Holder
from gpuws.model.host.naming import labelled
from gpuws.model.placement.plan import Check

MOST_CPU = 0.3  # percent of a core
MOST_MEMORY = 25 << 20
SHOWN = 4
SETTLED = 300.0
"""Seconds: before, starting is most of what the agent has taken."""


def cost(exam: Exam) -> Iterator[Check]:
    """The agent measures itself: processor time since it began, memory now. Its bound is on memory of its own: NVIDIA's
    library and Python's program are in memory for others as well."""
    taken = exam.snapshot.cost
    if taken is None or taken.cpu_percent is None or taken.age is None:
        return
    own = taken.memory if taken.own is None else taken.own
    memory = f", {units.size(own)} of memory" if own is not None else ""
    memory += f" ({units.size(taken.memory)} with libraries' files)" if taken.own is not None else ""
    busy = f"{taken.cpu_percent:.2g}% of a core over {units.duration(taken.age)}"
    settled = taken.age >= SETTLED
    if not settled:
        busy = f"{taken.cpu_percent * taken.age / 100:.2f} s of processor time to start"
    detail = f"gpuws' own agent takes {busy}{memory}, as it measures itself"
    if (settled and taken.cpu_percent > MOST_CPU) or (own or 0) > MOST_MEMORY:
        remedy = f"raise telemetry_interval in hosts.yaml: the bounds are {MOST_CPU}% and {units.size(MOST_MEMORY)}"
        yield Check("agent", "warn", detail, remedy)
    else:
        yield Check("agent", "ok", detail)


def engineless(exam: Exam) -> Iterator[Check]:
    """Where there is no engine to ask, or it may not be asked: on a host with GPUs nothing can be launched then."""
    engine = exam.snapshot.engine
    if engine is None or not engine.error:
        return
    if engine.kind == "none":
        yield Check("engine", "ok", engine.error if engine.remedy else "no container engine", engine.remedy)
    else:
        yield Check("engine", "fail" if exam.snapshot.gpus else "warn", engine.error, engine.remedy)


def tmux(exam: Exam) -> Iterator[Check]:
    facts = exam.snapshot.facts
    if exam.machine.tmux:
        yield Check("tmux", "ok", exam.machine.tmux)
    elif facts is not None and not facts.has_tmux:
        detail = "not there: what runs in a terminal ends with the connection"
        yield Check("tmux", "warn", detail, "sudo apt-get install tmux")


def logout(exam: Exam) -> Iterator[Check]:
    """systemd-logind may end what a user left running, tmux sessions included."""
    kills, lingers = exam.machine.kills, exam.machine.lingers
    if kills is None:
        return
    if kills:
        detail = "logind ends what you leave running when you log out, tmux sessions too"
        remedy = "loginctl enable-linger, then systemd-run --user --scope tmux; or KillUserProcesses=no in logind.conf"
        yield Check("logout", "warn", detail, remedy)
    else:
        yield Check("logout", "ok", "what you leave running stays" + (", you linger" if lingers else ""))


def linger(exam: Exam) -> Iterator[Check]:
    """Said only where something of mine needs it: a user manager ends with the last login, and all that it runs."""
    managed = exam.left.managed if exam.left is not None else ()
    if managed and exam.machine.lingers is False:
        names = ", ".join(text.plain(name, 40) for name in managed[:SHOWN])
        more = f" and {len(managed) - SHOWN} more" if len(managed) > SHOWN else ""
        detail = f"{names}{more}, yours, ends when you log out: you do not linger there"
        yield Check("linger", "warn", detail, "loginctl enable-linger", mending.lingering(exam.snapshot))


def idle(exam: Exam) -> Iterator[Check]:
    """GPUs of mine that others could use: never without its evidence."""
    host = exam.snapshot.name
    for gpu in exam.snapshot.gpus:
        for holder in gpu.held_by:
            if holder.mine and holder.idle_evidence and holder.rests(exam.idle_after):
                words = f"idle {units.duration(holder.idle_seconds)} ({holder.idle_evidence})"
                yield Check("idle", "warn", f"GPU {gpu.index} is yours, {holder.name}: {words}", _free(host, holder))


def _free(host: str, holder: Holder) -> str:
    if holder.kind == "process":
        return f"gpuws gpus {shlex.quote(host)} shows it; K in gpuws ends it"
    return f"gpuws stop {shlex.quote(labelled(host, holder.name))}"
