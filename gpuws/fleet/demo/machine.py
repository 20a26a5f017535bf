"""One simulated host: what lives on it, how its values move, and the snapshot they make."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from gpuws.fleet.demo.lab import GIB, ME, Box, Machine, Work
from gpuws.model.container import Container, EngineInfo
from gpuws.model.gpu import Gpu
from gpuws.model.host import HostState
from gpuws.model.join import join_containers, join_gpus
from gpuws.model.mine import OWNER_LABEL
from gpuws.model.reading import Disk, GpuReading, HostFacts, ProcessReading
from gpuws.model.session import Session
from gpuws.model.snapshot import HostSnapshot

HOUR = 3600.0
MINE = frozenset({ME})
NO_VALUES = (HostState.CONNECTING, HostState.ASKING, HostState.DOWN, HostState.HOST_KEY_CHANGED)


@dataclass(slots=True)
class Program:
    """A running `Work`: its processes, one a GPU."""

    work: Work
    pid: int
    started_at: float


class DemoHost:
    """Mutable; the fleet's lock guards it. Moves only in `step`, by the seed alone."""

    def __init__(self, machine: Machine, seed: int, clock: Callable[[], float]) -> None:
        self.machine, self._clock = machine, clock
        self.state, self.error, self.remedy, self.phase = machine.state, machine.error, machine.remedy, ""
        self.retry_at: float | None = None
        self.generation = 1
        self.readonly = False
        self._random = random.Random(f"{seed}/{machine.name}")
        self._tick = 0
        self.uuids = tuple(_gpu_uuid(machine.name, index) for index in range(machine.count))
        self._born = clock()
        self.seen_at = self._born
        self.containers = {c.id: c for c in (self._container(box) for box in machine.boxes)}
        self.sessions = [self._session(desk.name, desk.command, desk.windows, desk.attached, desk.age, desk.box)
                         for desk in machine.desks]  # fmt: skip
        self.programs = [Program(w, 4000 + self._random.randrange(60000), self._ago(w.age)) for w in machine.works]
        self._loads = dict.fromkeys(range(machine.count), 0.0)
        self._wobble = 0.0
        self.step()
        self._tick = 0

    @property
    def name(self) -> str:
        return self.machine.name

    def _ago(self, hours: float) -> float:
        return self._born - hours * HOUR

    def _container(self, box: Box) -> Container:
        label = {OWNER_LABEL: box.owner} if box.owner and box.label else {}
        return Container(
            host=self.name,
            id=hashlib.sha256(f"{self.name}/{box.name}".encode()).hexdigest(),
            name=box.name,
            image=box.image,
            state=box.state,
            created=self._ago(box.age),
            reason=box.reason,
            owner=box.owner,
            owner_is_label=bool(label),
            mine=label.get(OWNER_LABEL) == ME,
            profile=box.profile,
            gpus=tuple(self.uuids[index] for index in box.gpus),
            memory_limit=box.memory_limit * GIB if box.memory_limit else None,
            ports=box.ports,
            labels=label | ({"gpuws.profile": box.profile} if box.profile else {}),
            mounts=(f"/home/{box.owner}/work",) if box.owner else (),
        )

    def _session(self, name: str, command: str, windows: int, attached: int, age: float, box: str | None) -> Session:
        return Session(name, windows, attached, self._ago(age), self._born - 40 * (windows + 1), command, box)

    # moving

    def step(self) -> None:
        """One tick: every busy GPU wanders around its program's load, idle ones rest."""
        self._tick += 1
        self._wobble = self._random.uniform(-1, 1)
        for index in self._loads:
            target = max((p.work.load for p in self._active() if index in p.work.gpus), default=0.0)
            noise = self._random.gauss(0, 4 if target < 90 else 1.5) if target >= 1 else 0.0
            self._loads[index] = min(max(target + noise, 0.0), 100.0)
        if self.state is HostState.UP:
            self.seen_at = self._clock()

    def _active(self) -> list[Program]:
        return [p for p in self.programs if not p.work.rhythm or (self._tick // p.work.rhythm) % 2 == 0]

    # changing

    def add(self, container: Container, session: str | None) -> None:
        self.containers[container.id] = container
        if session:
            now = self._clock()
            self.sessions.append(Session(session, 1, 0, now, now, "bash", container.name))

    def end_programs(self, container: Container) -> None:
        """What ran in it is gone, its sessions too."""
        self.programs = [p for p in self.programs if p.work.box != container.name]
        self.sessions = [s for s in self.sessions if s.container != container.name]

    def remove(self, container: Container) -> None:
        self.end_programs(container)
        del self.containers[container.id]

    # what is seen

    def snapshot(self) -> HostSnapshot:
        bare = HostSnapshot(
            name=self.name,
            state=self.state,
            phase=self.phase,
            error=self.error,
            remedy=self.remedy,
            retry_at=self.retry_at,
            generation=self.generation,
            readonly=self.readonly,
            tags=self.machine.tags,
        )
        return bare if self.state in NO_VALUES else self._filled(bare)

    def _filled(self, bare: HostSnapshot) -> HostSnapshot:
        processes = self._processes()
        containers = tuple(sorted(self.containers.values(), key=lambda c: c.name))
        return replace(
            bare,
            updated_at=self.seen_at,
            latency=max(self.machine.latency * (1 + 0.1 * self._wobble), 0.0),
            facts=self._facts(),
            telemetry="nvml" if self.machine.card else None,
            telemetry_error=None if self.machine.card else "no NVIDIA driver",
            driver=self.machine.driver,
            cuda=self.machine.cuda,
            cpu_percent=round(22 + 6 * self._wobble, 1),
            load=round(self.machine.cores * 0.2 + self._wobble, 2),
            memory_used=int((0.31 + 0.01 * self._wobble) * self.machine.memory * GIB),
            memory_total=self.machine.memory * GIB,
            disks=self._disks(),
            gpus=self._gpus(containers, processes),
            engine=self._engine(),
            containers=join_containers(containers, processes, ()),
            sessions=tuple(self.sessions),
            complete=frozenset({"telemetry", "containers", "sessions"}),
        )

    def _facts(self) -> HostFacts:
        return HostFacts(
            login=ME,
            uid=1004,
            gid=1004,
            groups=(ME, "docker"),
            home=f"/home/{ME}",
            hostname=self.name,
            boot_id=str(uuid.UUID(bytes=hashlib.sha256(self.name.encode()).digest()[:16])),
            python="/usr/bin/python3",
            cpu_count=self.machine.cores,
            has_tmux=True,
        )

    def _engine(self) -> EngineInfo:
        if self.machine.engine is None:
            return EngineInfo(
                error="no Docker engine on this host", remedy="install Docker Engine, or use another host"
            )
        return EngineInfo(version=self.machine.engine, api_version="1.41", gpu_mode=self.machine.gpu_mode)

    def _disks(self) -> tuple[Disk, ...]:
        root = Disk("/", 212 * GIB, 440 * GIB)
        return (root, Disk("/data", 9400 * GIB, 14000 * GIB)) if self.machine.card else (root,)

    def _processes(self) -> list[ProcessReading]:
        ids = {c.name: c.id for c in self.containers.values()}
        return [
            ProcessReading(
                pid=program.pid + place,
                gpu_uuid=self.uuids[index],
                memory=int(program.work.memory * GIB),
                utilization=round(self._loads[index]),
                user=program.work.user,
                uid=1000 + len(program.work.user),
                command=program.work.command,
                container_ids=(ids[program.work.box],) if program.work.box else (),
                session=program.work.session,
                started_at=program.started_at,
            )
            for program in self._active()
            for place, index in enumerate(program.work.gpus)
        ]

    def _gpus(self, containers: tuple[Container, ...], processes: list[ProcessReading]) -> tuple[Gpu, ...]:
        readings = [self._reading(index, processes) for index in range(self.machine.count)]
        return tuple(self._with_evidence(gpu) for gpu in join_gpus(readings, processes, containers, MINE))

    def _reading(self, index: int, processes: list[ProcessReading]) -> GpuReading:
        card = self.machine.card
        assert card is not None
        load = self._loads[index]
        held = sum(p.memory or 0 for p in processes if p.gpu_uuid == self.uuids[index])
        fault = next((b.error for b in self.machine.broken if b.index == index), None)
        return GpuReading(
            index=index,
            uuid=self.uuids[index],
            name=card.name,
            health="reset-required" if fault else "ok",
            memory_used=None if fault else held + 4 * (1 << 20),
            memory_total=card.memory * GIB,
            utilization=None if fault else round(load),
            temperature=None if fault else round(31 + index % 4 + load * 0.4 + self._wobble),
            power=None if fault else round(card.watts * (0.12 + 0.85 * load / 100) + self._wobble, 1),
            power_limit=float(card.watts),
            error=fault,
        )

    def _with_evidence(self, gpu: Gpu) -> Gpu:
        """How long a holder has been idle and which notebook a process serves, which readings do not tell."""
        idle = {w.box: w.idle * HOUR for w in self.machine.works if w.idle is not None}
        books = {p.pid: p.work.notebook for p in self.programs}
        reserved = {c.name: self._clock() - (c.created or 0) for c in self.containers.values()}
        holders = tuple(
            replace(h, idle_seconds=reserved.get(h.name) if h.kind == "reservation" else self._idle(h.name, idle))
            for h in gpu.held_by
        )
        return replace(
            gpu, held_by=holders, processes=tuple(replace(p, notebook=books.get(p.pid)) for p in gpu.processes)
        )

    def _idle(self, name: str, idle: dict[str | None, float]) -> float | None:
        return None if name not in idle else idle[name] + self._clock() - self._born


def _gpu_uuid(host: str, index: int) -> str:
    return f"GPU-{uuid.UUID(bytes=hashlib.sha256(f'{host}/gpu{index}'.encode()).digest()[:16])}"
