"""What lives on a simulated host, and how verbs change it: nothing outlives what it ran in."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from gpuws.fleet.demo.lab import desktop, figures
from gpuws.fleet.demo.lab.machines import GIB, ME, PROFILES, Book, Box, Desk, Machine, Work
from gpuws.model.ownership.identity import OWNER_LABEL, Me
from gpuws.model.profile.profile import Profile
from gpuws.model.session.notebook import KernelAct
from gpuws.model.session.session import Session
from gpuws.model.workspace.workspace import ENDED, RUNNING, Container, Ref, Workspace

HOUR = 3600.0
WORKSTATION = "desk"
MYSELF = Me(ME, frozenset({ME}), workstation=WORKSTATION)
SHELL = "bash"
DRIFTED = "torch-dev"
"""The container that was given more memory than its profile says."""
WARM_UP = 4
"""Ticks from a launch to the first program on its GPUs."""
SHARE = 0.4
"""So much of a GPU's memory that program takes, where as much is left."""
LEAST = 2.0
"""GiB: with less it does not begin."""


@dataclass(slots=True)
class Program:
    """A running `Work`: its processes, one a GPU."""

    work: Work
    pid: int
    started_at: float

    @property
    def kernel(self) -> str | None:
        return str(figures.identifier(self.work.notebook)) if self.work.notebook else None

    def has(self, pid: int) -> bool:
        return 0 <= pid - self.pid < len(self.work.gpus)


def _made_from(container: Workspace) -> Profile | None:
    """Its profile, which says what the container is like, but for DRIFTED's memory."""
    found = next((profile for profile in PROFILES if profile.name == container.profile), None)
    if found is None or container.name == DRIFTED:
        return found
    return replace(found, image=container.oci.image, mem_limit=container.memory_limit)


class Life:
    """Mutable; the fleet's lock guards it."""

    def __init__(self, machine: Machine, seed: int, clock: Callable[[], float]) -> None:
        self.machine, self._clock = machine, clock
        self._random = random.Random(f"{seed}/{machine.name}")
        self.uuids = tuple(figures.gpu_uuid(machine.name, index) for index in range(machine.count))
        self._born = clock()
        self._numbered = 0
        self.containers = {c.id: c for c in map(self._container, machine.boxes)}
        self.sessions = [self._session(desk) for desk in machine.desks]
        self.programs = [Program(w, self._next_pid(), self._ago(w.age)) for w in machine.works]
        self.books = list(machine.books)
        self._recipes = {c.id: profile for c in self.containers.values() if (profile := _made_from(c)) is not None}
        self._begun: dict[str, float] = {}
        self._due: dict[str, int] = {}
        self._write()

    @property
    def name(self) -> str:
        return self.machine.name

    def _ago(self, hours: float) -> float:
        return self._born - hours * HOUR

    def _next_pid(self) -> int:
        return 4000 + self._random.randrange(60000)

    def _next_id(self) -> str:
        self._numbered += 1
        return f"${self._numbered}"

    def _container(self, box: Box) -> Workspace:
        label = {OWNER_LABEL: box.owner} if box.owner and box.label else {}
        return Workspace(
            Ref(self.name, hashlib.sha256(f"{self.name}/{box.name}".encode()).hexdigest()),
            box.name,
            self.name,
            "running" if box.state == "running" else "exited",
            box.state,
            RUNNING if box.state == "running" else ENDED,
            created=self._ago(box.age),
            reason=box.reason,
            failed=box.reason not in (None, "exited 0"),
            out_of_memory="killed" if "out of memory" in (box.reason or "") else None,
            owner=box.owner,
            owner_is_label=bool(label),
            mine=label.get(OWNER_LABEL) == ME,
            profile=box.profile,
            gpus=(
                *(self.uuids[index] for index in box.gpus),
                *(figures.instance_uuid(self.name, *instance) for instance in box.instances),
            ),
            started=self._ago(box.age) if box.state == "running" else None,
            cpu_limit=box.cpus,
            memory_limit=box.memory_limit * GIB if box.memory_limit else None,
            labels=label | ({"gpuws.profile": box.profile} if box.profile else {}),
            oci=Container(
                box.image,
                box.ports,
                (f"/home/{box.owner}/work",) if box.owner else (),
                health=box.health,
                restarts=box.restarts,
                project=box.project,
            ),
        )

    def _session(self, desk: Desk) -> Session:
        written = self._born - 40 * (len(desk.beside) + 2)
        return desktop.session(
            desk.name,
            self._next_id(),
            (desk.command, *desk.beside),
            self._ago(desk.age),
            written,
            container=desk.box,
            attached=desk.attached,
            mark=f"{desk.owner}@{WORKSTATION}" if desk.owner else None,
            bell=desk.bell,
        )

    def serves(self, container: Workspace) -> bool:
        """A notebook server runs in it: every container that has Jupyter's port is one."""
        return container.enterable and any(port.target == 8888 for port in container.oci.ports)

    def in_use_since(self, container: Workspace) -> float:
        """When it was last made or started."""
        return self._begun.get(container.id, container.created or self._born)

    # containers

    def add(self, container: Workspace, profile: Profile) -> None:
        """A new one, made from `profile`; soon something runs on its GPUs."""
        self._recipes[container.id] = profile
        self._due[container.id] = WARM_UP
        self.begin(container)

    def begin(self, container: Workspace) -> None:
        """It runs, and so does what its own command starts."""
        now = self._clock()
        self.containers[container.id] = replace(container, started=now)
        self._begun[container.id] = now
        profile = self._recipes.get(container.id)
        if profile is not None and profile.tmux is not None:
            self.open_session(profile.tmux.session, container.name)

    def halt(self, container: Workspace) -> None:
        """What ran in it is gone: programs, sessions, notebooks."""
        self._due.pop(container.id, None)
        self.programs = [p for p in self.programs if p.work.box != container.name]
        self.sessions = [s for s in self.sessions if s.container != container.name]
        self.books = [b for b in self.books if b.box != container.name]

    def remove(self, container: Workspace) -> None:
        self.halt(container)
        del self.containers[container.id]

    def rename(self, container: Workspace, name: str) -> None:
        """What lives in it finds it by its new name."""
        old = container.name
        self.containers[container.id] = replace(container, name=name)
        for program in self.programs:
            if program.work.box == old:
                program.work = replace(program.work, box=name)
        self.sessions = [replace(one, container=name) if one.container == old else one for one in self.sessions]
        self.books = [replace(one, box=name) if one.box == old else one for one in self.books]

    def recreate(self, container: Workspace) -> Ref:
        """Another container in its place, as its profile says."""
        profile = self._recipes[container.id]
        self.remove(container)
        now = self._clock()
        ref = Ref(self.name, hashlib.sha256(f"{container.id}/{now}".encode()).hexdigest())
        made = replace(container, ref=ref, created=now, memory_limit=profile.mem_limit)
        self._recipes[made.id] = profile
        if container.enterable:
            self.begin(made)
        else:
            self.containers[made.id] = made
        return ref

    def recipe(self, container: Workspace) -> Profile | None:
        """The profile that it was made from."""
        return self._recipes.get(container.id)

    # programs

    def grow(self) -> None:
        """A tick later: what runs has written something, and containers that were launched begin to work."""
        self._write()
        for identity, left in list(self._due.items()):
            if left > 1:
                self._due[identity] = left - 1
                continue
            del self._due[identity]
            if (work := self._first_work(self.containers[identity])) is not None:
                self.programs.append(Program(work, self._next_pid(), self._clock()))
                self._name_session(work.box, work.session, work.command.partition(" ")[0])

    def _first_work(self, container: Workspace) -> Work | None:
        """A notebook's kernel where it has Jupyter, else a training in its session; None where there is no GPU."""
        gpus, instance = self._places(container)
        room = min((self._room(index, instance) for index in gpus), default=0.0)
        if room < LEAST:
            return None
        profile = self._recipes[container.id]
        session = profile.tmux.session if profile.tmux is not None else None
        common = Work(ME, "python train.py", gpus, room, 74, container.name, session, instance=instance)
        if profile.jupyter is None:
            return common
        return replace(
            common,
            command="python -m ipykernel_launcher -f kernel-1c09.json",
            load=38,
            session=None,
            notebook=f"{container.name}.ipynb",
        )

    def _places(self, container: Workspace) -> tuple[tuple[int, ...], int | None]:
        """Its GPUs, else its first MIG instance."""
        whole = tuple(index for index, uuid in enumerate(self.uuids) if uuid in container.gpus)
        if whole:
            return whole, None
        for index, numbers in self._instances().items():
            for uuid, number in numbers.items():
                if uuid in container.gpus:
                    return (index,), number
        return (), None

    def _instances(self) -> dict[int, dict[str, int]]:
        """Of each divided GPU: its instances' numbers by UUID."""
        return {
            one.index: {
                figures.instance_uuid(self.name, one.index, number): number for number in range(len(one.instances))
            }
            for one in self.machine.divided
        }

    def _room(self, index: int, instance: int | None) -> float:
        """GiB that a new program would take there."""
        assert self.machine.card is not None
        total = float(self.machine.card.memory)
        if instance is not None:
            total = next(float(d.instances[instance][1]) for d in self.machine.divided if d.index == index)
        held = sum(p.work.memory for p in self.programs if index in p.work.gpus and p.work.instance == instance)
        return min(total * SHARE, total - held - 1)

    def end_process(self, pid: int) -> None:
        """What started it goes with it: the ranks of a distributed run do not live without one of them."""
        for program in [p for p in self.programs if p.has(pid)]:
            self._end(program)

    def _end(self, program: Program) -> None:
        self.programs.remove(program)
        self._name_session(program.work.box, program.work.session, SHELL)

    # notebooks

    def act_on_kernel(self, kernel: str, act: KernelAct) -> bool:
        """False where none of that id lives here. Restarted, it holds no GPU until a cell is run again."""
        program = next((one for one in self.programs if one.kernel == kernel), None)
        book = next((one for one in self.books if str(figures.identifier(one.path)) == kernel), None)
        now = (self._born - self._clock()) / HOUR
        if program is not None and act == "interrupt":
            program.work = replace(program.work, load=0, idle=now, why="kernel")
        elif program is not None:
            self._end(program)
            if act == "restart":
                self.books.append(Book(str(program.work.notebook), program.work.box, idle=now))
        elif book is not None:
            self.books.remove(book)
            if act != "shutdown":
                self.books.append(replace(book, idle=now))
        return program is not None or book is not None

    # sessions

    def _write(self) -> None:
        """What runs on a GPU writes all the time."""
        now = self._clock()
        self.sessions = [desktop.written(one, now) if self._inside(one) else one for one in self.sessions]

    def open_session(self, name: str, container: str | None, command: str = "") -> Session:
        now = self._clock()
        made = desktop.session(
            name, self._next_id(), (command.split(" ")[0] or SHELL,), now, now, container=container, mark=MYSELF.mark
        )
        self.sessions.append(made)
        return made

    def visit(self, session: Session) -> None:
        """Somebody was there just now."""
        now = self._clock()
        self.sessions = [desktop.written(one, now) if one.id == session.id else one for one in self.sessions]

    def rename_session(self, session: Session, name: str) -> None:
        """What runs in it goes on."""
        for program in self._inside(session):
            program.work = replace(program.work, session=name)
        self.sessions = [replace(one, name=name) if one.id == session.id else one for one in self.sessions]

    def leave(self, session: Session) -> None:
        """Nobody is in it any more."""
        self.sessions = [replace(one, attached=0, clients=()) if one.id == session.id else one for one in self.sessions]

    def interrupt(self, session: Session) -> None:
        """ctrl-c there: what ran in it is gone, its shell is not."""
        for program in self._inside(session):
            self._end(program)
        self._name_session(session.container, session.name, SHELL)

    def end_session(self, session: Session) -> None:
        """What ran in it is gone, too."""
        for program in self._inside(session):
            self._end(program)
        self.sessions = [one for one in self.sessions if one.id != session.id]

    def _inside(self, session: Session) -> list[Program]:
        return [p for p in self.programs if p.work.session == session.name and p.work.box == session.container]

    def _name_session(self, container: str | None, name: str | None, command: str) -> None:
        """What runs in that session now."""
        self.sessions = [
            desktop.running(one, command) if (one.container, one.name) == (container, name) else one
            for one in self.sessions
        ]
