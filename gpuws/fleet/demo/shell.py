"""What programs answer in the demo: a handful of commands, the rest is not found."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gpuws.fleet.demo.lab.machines import ME
from gpuws.model import units
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import tenancy

SHELLS = ("sh", "bash", "zsh", "fish", "dash")
NOT_FOUND = 127


@dataclass(frozen=True, slots=True)
class Where:
    """The inside of a host or of one of its containers, as a program sees it."""

    snapshot: HostSnapshot
    container: str | None = None
    user: str = ME
    cwd: str | None = None
    env: tuple[str, ...] = ()

    @property
    def hostname(self) -> str:
        return self.container or self.snapshot.name

    @property
    def directory(self) -> str:
        return self.cwd or ("/workspace" if self.container else f"/home/{self.user}")

    @property
    def prompt(self) -> str:
        return f"{self.user}@{self.hostname}:{self.directory}$ "


@dataclass(frozen=True, slots=True)
class Reply:
    status: int = 0
    text: str = ""


def answer(argv: Sequence[str], where: Where) -> Reply:
    """What `argv` prints and returns."""
    if not argv:
        return Reply()
    name, args = argv[0].rsplit("/", 1)[-1], list(argv[1:])
    if name in SHELLS:
        return _script(args, where)
    if name == "exit":
        return Reply(int(args[0]) if args and args[0].isdigit() else 0)
    program = PROGRAMS.get(name)
    return program(args, where) if program else Reply(NOT_FOUND, f"{name}: command not found\n")


def _script(args: list[str], where: Where) -> Reply:
    if len(args) < 2 or args[0] not in ("-c", "-lc"):
        return Reply()
    try:
        return answer(shlex.split(args[1]), where)
    except ValueError as error:
        return Reply(2, f"syntax error: {error}\n")


def _nvidia_smi(_: list[str], where: Where) -> Reply:
    gpus = where.snapshot.gpus
    if not gpus:
        return Reply(NOT_FOUND, "nvidia-smi: command not found\n")
    rows = [
        f"GPU {gpu.index}: {gpu.name}  {units.size(gpu.memory_used)} / {units.size(gpu.memory_total)}  "
        f"{units.percent(gpu.utilization)}  {tenancy(gpu)}"
        for gpu in gpus
    ]
    return Reply(0, "\n".join(rows) + "\n")


def _tmux(_: list[str], where: Where) -> Reply:
    mine = [s for s in where.snapshot.sessions if s.container == where.container]
    return Reply(0, "".join(f"{s.name}: {s.windows} windows\n" for s in mine))


PROGRAMS: dict[str, Callable[[list[str], Where], Reply]] = {
    "true": lambda _args, _where: Reply(),
    "false": lambda _args, _where: Reply(1),
    "echo": lambda args, _where: Reply(0, " ".join(args) + "\n"),
    "hostname": lambda _args, where: Reply(0, where.hostname + "\n"),
    "whoami": lambda _args, where: Reply(0, where.user + "\n"),
    "pwd": lambda _args, where: Reply(0, where.directory + "\n"),
    "env": lambda _args, where: Reply(0, "".join(f"{item}\n" for item in where.env)),
    "ls": lambda _args, _where: Reply(0, "checkpoints  config  train.py  runs\n"),
    "nvidia-smi": _nvidia_smi,
    "tmux": _tmux,
}
