"""Signals to processes that hold GPUs: only to the one that was seen, from where permission is likeliest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

from gpuws.fleet.local.shared.hosts import read_only
from gpuws.fleet.local.shared.unanswered import look_up
from gpuws.fleet.processes import find_process, not_mine
from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError, HostError, Refused, TargetError, UsageError
from gpuws.model.gpu.gpu import GpuProcess
from gpuws.model.workspace.actions import Signal
from gpuws.model.workspace.aftermath import DONE, Aftermath

if TYPE_CHECKING:
    from gpuws.fleet.local.host.supervisor import Supervisor

TIMEOUT = 10.0  # seconds
GONE, ANOTHER, FORBIDDEN = 91, 92, 93  # exit statuses of the script
NOTHING = "0"  # as a signal: whether one could be sent
NO_SHELL = (126, 127)  # some images have none
# Looks and sends in one go: a pid may be another process by now, which its start tells. Nothing but the shell's own
# words: an image may hold no other program. Linux counts a process's start in hundredths of a second since the boot;
# the boot's own time moves by a second or so as the clock is set.
SCRIPT = f"""
pid=$1 began=$2 signal=$3 boot=
read -r stat 2>/dev/null <"/proc/$pid/stat" || exit {GONE}
while read -r key value; do [ "$key" = btime ] && boot=$value; done </proc/stat
set -- ${{stat##*)}}
[ $# -ge 20 ] || exit {ANOTHER}
shift 19
off=$((boot + $1 / 100 - began))
[ "$off" -le 2 ] && [ "$off" -ge -2 ] || exit {ANOTHER}
kill -s "$signal" "$pid" 2>/dev/null && exit 0
[ -d "/proc/$pid" ] || exit {GONE}
exit {FORBIDDEN}
"""


def send(supervisor: Supervisor, pid: int, signal: Signal) -> None:
    """`Refused` on a read-only host, and where another process has the pid by now."""
    host = supervisor.host.name
    if supervisor.readonly:
        raise read_only(host)
    if signal not in get_args(Signal):
        raise UsageError(f"no signal {signal!r} is sent", "one of " + ", ".join(get_args(Signal)))
    process = find_process(supervisor.snapshot, pid)
    if process.started_at is None:
        raise Refused(
            f"process {pid} on {host} can't be looked at: nothing tells whether it is still the same",
            "ask whoever runs it, or an administrator",
        )

    def status(sent: str) -> int | None:
        return _status(supervisor, process, int(process.started_at or 0), sent)

    try:
        told = status(signal)
    except HostError as error:
        look_up(supervisor, error, f"process {pid}", "ended", lambda: _aftermath(signal, status(NOTHING)))
        return
    if told != 0:
        raise _failure(told, host, process)


def _status(supervisor: Supervisor, process: GpuProcess, began: int, signal: str) -> int | None:
    status: int | None = None
    for place, number in _places(supervisor, process):
        words = ["sh", "-c", SCRIPT, "gpuws-signal", str(number), str(began), signal]
        status = place.run(words, timeout=TIMEOUT).status
        if status not in NO_SHELL:
            break
    return status


def _aftermath(signal: Signal, status: int | None) -> Aftermath:
    """By whether it is still there, as the script says that sends it nothing."""
    if status in (GONE, ANOTHER):
        return DONE
    if status == 0 and signal == "KILL":
        return Aftermath("not done", "still runs")
    return Aftermath("not known", "still runs, and may have been told to end" if status == 0 else "can't be looked at")


def _places(supervisor: Supervisor, process: GpuProcess) -> Iterator[tuple[Place, int]]:
    """Inside its container as root, as whom the engine lets whoever may use it; else on the host, as me."""
    if process.container_id is not None and process.inner_pid is not None:
        yield supervisor.engine().place(process.container_id, user="0"), process.inner_pid
    yield supervisor.link(), process.pid


def _failure(status: int | None, host: str, process: GpuProcess) -> GpuwsError:
    if status == GONE:
        return TargetError(f"process {process.pid} on {host} has ended already")
    if status == ANOTHER:
        return Refused(f"pid {process.pid} on {host} is another process by now", "look again")
    if status == FORBIDDEN:
        return not_mine(host, process)
    told = "nothing was told" if status is None else f"status {status}"
    return GpuwsError(f"signalling process {process.pid} on {host} failed: {told}", "look whether it still runs")
