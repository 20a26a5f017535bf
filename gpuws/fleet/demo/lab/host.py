"""One simulated host: what lives on it, how its values move, and the snapshot they make."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from gpuws.engines.registry import kind
from gpuws.fleet.demo.lab import closely, figures, load
from gpuws.fleet.demo.lab.life import MYSELF, Life, Program
from gpuws.fleet.demo.lab.machines import GIB, ME, Machine
from gpuws.fleet.demo.lab.past import Ran, backfill, host_figures, hour, joined, network
from gpuws.fleet.demo.lab.screens import state_of
from gpuws.fleet.history import TREND, History
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.gpu import Availability, Gpu
from gpuws.model.gpu.idle import Idle, Key, process_key
from gpuws.model.gpu.reading import Disk, GpuReading, HostFacts, HostReading, ProbeCost, ProcessReading, Xid
from gpuws.model.host.busiest import LoadTold
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.join import Past, join_containers, join_gpus, watched
from gpuws.model.session.notebook import Notebook
from gpuws.model.timeline import Subject, Timeline, Window
from gpuws.model.workspace.engine import EngineInfo
from gpuws.model.workspace.workspace import Workspace, measured

SPEC = "python3"
NO_VALUES = (HostState.CONNECTING, HostState.ASKING, HostState.DOWN, HostState.HOST_KEY_CHANGED)


class DemoHost(Life):
    """Mutable; the fleet's lock guards it. Moves only in `step`, by the seed alone."""

    def __init__(self, machine: Machine, seed: int, clock: Callable[[], float]) -> None:
        super().__init__(machine, seed, clock)
        self.state, self.error, self.remedy, self.phase = machine.state, machine.error, machine.remedy, ""
        self.retry_at: float | None = None
        self.generation = 1
        self.readonly = False
        self.watched = False
        self.history = History()  # what trends are made of: it begins with made up minutes
        self._seen = History()
        self._available: Mapping[str, Availability] = {}
        self._tick = 0
        self.seen_at = self._born
        self._loads = dict.fromkeys(range(machine.count), 0.0)
        self._wobble = 0.0
        self._seed = f"{seed}/{machine.name}/past"
        self._hour: History | None = None
        backfill(self.history, machine, random.Random(self._seed), self._born, TREND + 1)
        self.step()
        self._tick = 0

    # moving

    def past(self, subject: Subject, window: Window) -> Timeline:
        """The hour before it began is made up when it is first asked for: the first frame does without."""
        if self._hour is None:
            ran = [Ran(each.work, each.pid, each.started_at) for each in self.programs]
            known = self.machine.state not in NO_VALUES
            self._hour = hour(self.machine, ran, random.Random(self._seed), self._born) if known else History()
        return joined(self._hour.read(subject, window), self._seen.read(subject, window), window)

    def step(self) -> None:
        """One tick: every busy GPU wanders around its program's load, idle ones rest."""
        self._tick += 1
        self.grow()
        self._wobble = self._random.uniform(-1, 1)
        for index in self._loads:
            target = max((p.work.load for p in self._active() if index in p.work.gpus), default=0.0)
            noise = self._random.gauss(0, 4 if target < 90 else 1.5) if target >= 1 else 0.0
            self._loads[index] = min(max(target + noise, 0.0), 100.0)
        if self.state is HostState.UP:
            self.seen_at = self._clock()
            reading = self._taken()
            self.history.add(reading)
            self._seen.add(reading)

    def _taken(self) -> HostReading:
        """What a probe would have told."""
        processes, host = self._processes(), host_figures(self.machine, self._wobble)
        return HostReading(
            self.seen_at,
            gpus=tuple(self._readings(processes)),
            processes=tuple(processes),
            cpu_percent=host["cpu"],
            load=host["load"],
            memory_used=int(host["memory"] or 0),
            net_received=network(self.machine, self._wobble)[0],
            net_sent=network(self.machine, self._wobble)[1],
        )

    def load(self) -> LoadTold:
        """Which processes take most of its processors and memory."""
        return load.told(self._processes(), self._born)

    def _active(self) -> list[Program]:
        return [p for p in self.programs if not p.work.rhythm or (self._tick // p.work.rhythm) % 2 == 0]

    # what is seen

    def snapshot(self) -> HostSnapshot:
        unread = HostSnapshot(
            name=self.name,
            state=self.state,
            phase=self.phase,
            error=self.error,
            remedy=self.remedy,
            retry_at=self.retry_at,
            generation=self.generation,
            readonly=self.readonly,
            me=MYSELF,
            tags=self.machine.tags,
        )
        return unread if self.state in NO_VALUES else self._filled(unread)

    def _filled(self, unread: HostSnapshot) -> HostSnapshot:
        processes = self._processes()
        containers = tuple(sorted(self.containers.values(), key=lambda c: c.name))
        host = host_figures(self.machine, self._wobble)
        taken = closely.taken(containers, self.machine.memory * GIB, self.seen_at)
        return replace(
            unread,
            updated_at=self.seen_at,
            latency=max(self.machine.latency * (1 + 0.1 * self._wobble), 0.0),
            facts=self._facts(),
            telemetry="nvml" if self.machine.card else None,
            telemetry_error=None if self.machine.card else Fault("no-driver", "no NVIDIA driver"),
            coverage="read" if self.machine.card else "none",
            driver=self.machine.driver,
            cuda=self.machine.cuda,
            cpu_percent=host["cpu"],
            load=host["load"],
            memory_used=int(host["memory"] or 0),
            net_received=network(self.machine, self._wobble)[0],
            net_sent=network(self.machine, self._wobble)[1],
            memory_total=self.machine.memory * GIB,
            disks=self._disks(),
            gpus=self._gpus(containers, processes),
            engine=self._engine(),
            workspaces=tuple(measured(one, taken) for one in join_containers(containers, processes, ())),
            sessions=MYSELF.whose([replace(one, state=state_of(one.command)) for one in self.sessions], containers),
            notebooks=self._notebooks(),
            warnings=self.machine.warnings,
            xids=self._xids() if self.machine.card else None,
            cost=ProbeCost(0.3, 21 << 20, 0.9 if self.machine.warnings else 0.06, 9000.0, 14 << 20),
            complete=frozenset({"telemetry", "containers", "sessions", "notebooks"}),
        )

    def _facts(self) -> HostFacts:
        return HostFacts(
            login=ME,
            uid=1004,
            gid=1004,
            groups=(ME, "docker"),
            home=f"/home/{ME}",
            hostname=self.name,
            boot_id=str(figures.identifier(self.name)),
            python="3.12.3",
            interpreter="/usr/bin/python3",
            cpu_count=self.machine.cores,
            has_tmux=True,
        )

    def _engine(self) -> EngineInfo:
        if self.machine.engine is None:
            return EngineInfo(
                kind="none", error="no Docker engine on this host", remedy="install Docker Engine, or use another host"
            )
        return EngineInfo("docker", version=self.machine.engine, api_version="1.41", caps=kind("docker").CAPS)

    def _disks(self) -> tuple[Disk, ...]:
        root = Disk("/", 212 * GIB, 440 * GIB)
        data = Disk("/data", 14000 * GIB * self.machine.disk // 100, 14000 * GIB)
        return (root, data) if self.machine.card else (root,)

    def _processes(self) -> list[ProcessReading]:
        ids = {c.name: c.id for c in self.containers.values()}
        return [
            self._process(program, place, index, ids)
            for program in self._active()
            for place, index in enumerate(program.work.gpus)
        ]

    def _process(self, program: Program, place: int, index: int, ids: dict[str, str]) -> ProcessReading:
        work = program.work
        divided = work.instance is not None
        return ProcessReading(
            pid=program.pid + place,
            gpu_uuid=self.uuids[index],
            memory=int(work.memory * GIB),
            utilization=None if divided else round(self._loads[index]),
            user=work.user,
            uid=1000 + len(work.user),
            command=work.command,
            container_ids=(ids[work.box],) if work.box else (),
            session=work.session,
            started_at=program.started_at,
            cpu_percent=0.0 if work.idle is not None else round(work.load),
            inner_pid=40 + place if work.box else None,
            mig_uuid=None if work.instance is None else figures.instance_uuid(self.name, index, work.instance),
            kernel=program.kernel,
        )

    def _readings(self, processes: list[ProcessReading]) -> list[GpuReading]:
        return [self._reading(index, processes) for index in range(self.machine.count)]

    def _reading(self, index: int, processes: list[ProcessReading]) -> GpuReading:
        numbers = self._instances().get(index, {})
        held: dict[int | None, int] = {}
        for process in processes:
            if process.gpu_uuid == self.uuids[index]:
                instance = numbers.get(process.mig_uuid or "")
                held[instance] = held.get(instance, 0) + (process.memory or 0)
        load = self._loads[index] if held else 0.0  # it rests with the last of its programs
        return figures.reading(self.machine, index, load, held, self._wobble, looked_at=self.watched)

    def _gpus(self, containers: tuple[Workspace, ...], processes: list[ProcessReading]) -> tuple[Gpu, ...]:
        past = Past(self.history.trends(), self._idle(processes), self._clock(), self._available)
        gpus = join_gpus(self._readings(processes), processes, containers, MYSELF, self._notebooks(), past)
        self._available = watched(gpus)
        return gpus

    def _idle(self, processes: list[ProcessReading]) -> dict[Key, Idle]:
        """As if the lab had been watched for days."""
        found: dict[Key, Idle] = {}
        works = {p.pid + place: p.work for p in self.programs for place in range(len(p.work.gpus))}
        for process in processes:
            work = works[process.pid]
            if work.idle is not None:
                found[process_key(process)] = Idle(self._ago(work.idle), work.why)
        for container in self.containers.values():
            for uuid in container.gpus:
                found[uuid, container.id] = Idle(self.in_use_since(container), "worked")
        return found

    def _notebooks(self) -> tuple[Notebook, ...]:
        """Of what runs: what ends a container ends its kernels."""
        serving = [
            Notebook(p.kernel, p.work.notebook, 8888, p.work.box, *self._activity(p.work.idle), SPEC, 1)
            for p in self.programs
            if p.kernel and p.work.notebook
        ]
        open_ = [
            Notebook(str(figures.identifier(b.path)), b.path, b.port, b.box, *self._activity(b.idle), SPEC, 0)
            for b in self.books
        ]
        return (*serving, *open_)

    def _activity(self, idle: float | None) -> tuple[str, float]:
        """A kernel's state and its last activity."""
        return ("busy", self._clock()) if idle is None else ("idle", self._ago(idle))

    def _xids(self) -> tuple[Xid, ...]:
        found = (figures.xid(broken, self._ago(6.5)) for broken in self.machine.broken)
        return tuple(one for one in found if one is not None)
