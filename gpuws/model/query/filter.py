"""What a filter may say of GPUs and of containers: one language for `--filter` and for the screen's `/`. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gpuws.model.gpu.gpu import Gpu, GpuProcess, State
from gpuws.model.gpu.reading import GpuCounters
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.completion import Completion, complete
from gpuws.model.query.expression import Figure, Test, Values, Vocabulary, compile_expression
from gpuws.model.settings import Thresholds
from gpuws.model.workspace.usage import Usage
from gpuws.model.workspace.workspace import Port, Workspace

Predicate = Callable[[HostSnapshot, Gpu], bool]
HostPredicate = Callable[[HostSnapshot], bool]
ContainerPredicate = Callable[[HostSnapshot, Workspace], bool]

IDLE_AFTER = Thresholds().idle_after
BYTES: Mapping[str, float] = {
    **dict.fromkeys(("", "g", "gb", "gib"), 2.0**30),
    **dict.fromkeys(("m", "mb", "mib"), 2.0**20),
    **dict.fromkeys(("t", "tb", "tib"), 2.0**40),
}
SECONDS: Mapping[str, float] = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
PERCENT: Mapping[str, float] = {"": 1.0, "%": 1.0}
DEGREES: Mapping[str, float] = {"": 1.0, "c": 1.0, "°": 1.0, "°c": 1.0}
WATTS: Mapping[str, float] = {"": 1.0, "w": 1.0, "kw": 1000.0}
COUNT: Mapping[str, float] = {"": 1.0}


@dataclass(frozen=True, slots=True)
class _Gpu:
    """`gpu` None: the host itself is looked at; what only a GPU has can't be told of it."""

    host: HostSnapshot
    gpu: Gpu | None


@dataclass(frozen=True, slots=True)
class _Container:
    host: HostSnapshot
    container: Workspace


def compile_filter(text: str, *, idle_after: float = IDLE_AFTER, clock: Callable[[], float] = time.time) -> Predicate:
    """Which GPUs `text` means; an empty one means all. UsageError for what is no filter.

    `idle_after`: seconds without work after which a holder counts as idle."""
    test = compile_expression(text, _gpu_words(idle_after, clock))
    return lambda host, gpu: test(_Gpu(host, gpu)) is True


def compile_host_filter(
    text: str, *, idle_after: float = IDLE_AFTER, clock: Callable[[], float] = time.time
) -> HostPredicate:
    """Which hosts `text` means themselves, whatever their GPUs: by name, tag, state, or what lives there."""
    test = compile_expression(text, _gpu_words(idle_after, clock))
    return lambda host: test(_Gpu(host, None)) is True


def compile_container_filter(text: str, *, clock: Callable[[], float] = time.time) -> ContainerPredicate:
    """Which containers `text` means; an empty one means all. UsageError for what is no filter."""
    test = compile_expression(text, _container_words(clock))
    return lambda host, container: test(_Container(host, container)) is True


def complete_filter(text: str, at: int, hosts: Iterable[HostSnapshot]) -> Completion:
    """What could stand where a filter of GPUs is being typed, character `at`; values are those that `hosts` have."""
    things = [_Gpu(host, gpu) for host in hosts for gpu in (None, *host.gpus)]
    return complete(text, at, _gpu_words(IDLE_AFTER, time.time), things, ("host", "user", "holder", "tag"))


def complete_container_filter(text: str, at: int, hosts: Iterable[HostSnapshot]) -> Completion:
    """The same of a filter of containers."""
    things = [_Container(host, container) for host in hosts for container in host.workspaces]
    return complete(text, at, _container_words(time.time), things, ("host", "owner", "project", "name"))


# GPUs


def _gpu_words(idle_after: float, clock: Callable[[], float]) -> Vocabulary[_Gpu]:
    return Vocabulary(
        states={
            "free": _is("free"),
            "busy": _is("held", "unknown"),
            "held": _is("held"),
            "unknown": _is("unknown"),
            "idle": _of_gpu(lambda gpu: any(holder.rests(idle_after) for holder in gpu.held_by)),
            "lost": _of_gpu(lambda gpu: gpu.health == "lost"),
            "mine": _mine,
        },
        texts={
            "host": lambda one: (one.host.name, *one.host.aliases),
            "tag": lambda one: one.host.tags,
            "state": lambda one: (one.host.state.value,),
            "name": _text(lambda gpu: (gpu.name,)),
            "vendor": _text(lambda gpu: (gpu.vendor,)),
            "health": _text(lambda gpu: (gpu.health,)),
            "user": _text(_users),
            "holder": _text(lambda gpu: [holder.name for holder in gpu.held_by]),
        },
        figures={
            "free": Figure(_known(lambda gpu: gpu.memory_free), BYTES, "free>40g", _share(lambda gpu: gpu.memory_free)),
            "mem": Figure(_known(lambda gpu: gpu.memory_used), BYTES, "mem>50%", _share(lambda gpu: gpu.memory_used)),
            "util": Figure(_known(lambda gpu: gpu.utilization), PERCENT, "util<10"),
            "tensor": Figure(_counted(lambda told: told.tensor), PERCENT, "tensor<5"),
            "sm": Figure(_counted(lambda told: told.sm_active), PERCENT, "sm<30"),
            "dram": Figure(_counted(lambda told: told.dram), PERCENT, "dram>60"),
            "temp": Figure(_known(lambda gpu: gpu.temperature), DEGREES, "temp>=80"),
            "power": Figure(_known(lambda gpu: gpu.power), WATTS, "power>300"),
            "idle": Figure(_known(_idle), SECONDS, "idle>2h"),
            "age": Figure(lambda one: one.host.age(clock()), SECONDS, "age>10"),
            "gpu": Figure(_known(lambda gpu: gpu.index), COUNT, "gpu=0"),
        },
        names=_gpu_names,
    )


def _is(*states: State) -> Test[_Gpu]:
    return lambda one: None if one.gpu is None else one.host.availability(one.gpu).state in states


def _of_gpu(test: Callable[[Gpu], bool]) -> Test[_Gpu]:
    return lambda one: None if one.gpu is None else test(one.gpu)


def _text(values: Callable[[Gpu], Iterable[str | None]]) -> Values[_Gpu]:
    return lambda one: None if one.gpu is None else values(one.gpu)


def _taken(value: Callable[[Usage], float | None]) -> Callable[[_Container], float | None]:
    def taken(one: _Container) -> float | None:
        used = one.container.usage if one.container.alive else None
        return None if used is None else value(used)

    return taken


def _of_limit(one: _Container) -> float | None:
    used, limit = one.container.usage, one.container.memory_limit
    if used is None or used.memory is None or not limit or not one.container.alive:
        return None
    return 100 * used.memory / limit


def _known(value: Callable[[Gpu], float | None]) -> Callable[[_Gpu], float | None]:
    return lambda one: None if one.gpu is None else value(one.gpu)


def _counted(value: Callable[[GpuCounters], float | None]) -> Callable[[_Gpu], float | None]:
    return _known(lambda gpu: None if gpu.counters is None else value(gpu.counters))


def _share(value: Callable[[Gpu], float | None]) -> Callable[[_Gpu], float | None]:
    def share(one: _Gpu) -> float | None:
        part = None if one.gpu is None else value(one.gpu)
        return None if part is None or not (one.gpu and one.gpu.memory_total) else 100 * part / one.gpu.memory_total

    return share


def _idle(gpu: Gpu) -> float | None:
    return max((h.idle_seconds for h in gpu.held_by if h.idle_seconds is not None), default=None)


def _mine(one: _Gpu) -> bool:
    if one.gpu is not None:
        return one.gpu.mine
    return any(gpu.mine for gpu in one.host.gpus) or any(container.mine for container in one.host.workspaces)


def _users(gpu: Gpu) -> Iterable[str | None]:
    yield from (holder.user for holder in gpu.held_by)
    yield from (process.user for process in _processes(gpu))


def _processes(gpu: Gpu) -> Iterable[GpuProcess]:
    yield from gpu.processes
    for instance in gpu.mig_instances:
        yield from instance.processes


def _gpu_names(one: _Gpu) -> Iterable[str | None]:
    yield from (one.host.name, *one.host.aliases, one.host.state.value, *one.host.tags)
    if one.gpu is None:
        yield from _inside(one.host)
        return
    yield one.gpu.name
    yield from (f"MIG {instance.profile or ''}" for instance in one.gpu.mig_instances)
    for holder in one.gpu.held_by:
        yield from (holder.user, holder.name)
    for process in _processes(one.gpu):
        yield from (process.user, process.command, process.container, process.session, process.notebook, process.job)


def _inside(host: HostSnapshot) -> Iterable[str | None]:
    for container in host.workspaces:
        yield from (container.name, container.owner, container.profile)
    yield from (session.name for session in host.sessions)
    yield from (notebook.path for notebook in host.notebooks)


# containers


def _container_words(clock: Callable[[], float]) -> Vocabulary[_Container]:
    return Vocabulary(
        states={
            "mine": lambda one: one.container.mine,
            "running": lambda one: one.container.enterable,
            "ended": lambda one: one.container.state == "exited",
            "paused": lambda one: one.container.allows("unpause"),
            "unhealthy": lambda one: one.container.oci.health == "unhealthy",
            "failed": lambda one: one.container.failed,
        },
        texts={
            "host": lambda one: (one.host.name, *one.host.aliases),
            "tag": lambda one: one.host.tags,
            "name": lambda one: (one.container.name,),
            "state": lambda one: (one.container.status,),
            "image": lambda one: (one.container.oci.image,),
            "owner": lambda one: (one.container.owner,),
            "profile": lambda one: (one.container.profile,),
            "health": lambda one: (one.container.oci.health,),
            "project": lambda one: (one.container.oci.project,),
            "port": lambda one: [str(number) for each in one.container.oci.ports for number in _numbers(each)],
        },
        figures={
            "gpus": Figure(lambda one: len(one.container.gpus), COUNT, "gpus>0"),
            "mem": Figure(lambda one: one.container.gpu_memory, BYTES, "mem>40g"),
            "limit": Figure(lambda one: one.container.memory_limit, BYTES, "limit>64g"),
            "ram": Figure(_taken(lambda used: used.memory), BYTES, "ram>90%", _of_limit),
            "cpu": Figure(_taken(lambda used: used.cores), COUNT, "cpu>4"),
            "cpus": Figure(lambda one: one.container.cpu_limit, COUNT, "cpus>8"),
            "restarts": Figure(lambda one: one.container.oci.restarts, COUNT, "restarts>0"),
            "up": Figure(lambda one: _since(one.container.started, clock()), SECONDS, "up>2h"),
            "age": Figure(lambda one: _since(one.container.created, clock()), SECONDS, "age>2d"),
        },
        names=_container_names,
    )


def _since(then: float | None, now: float) -> float | None:
    return None if then is None else max(now - then, 0.0)


def _numbers(port: Port) -> Iterable[int]:
    """Inside, and on the host."""
    return (port.target,) if port.published is None else (port.target, port.published)


def _container_names(one: _Container) -> Iterable[str | None]:
    container = one.container
    yield from (one.host.name, *one.host.aliases, *one.host.tags)
    yield from (container.name, container.owner, container.oci.image, container.profile, container.status)
    yield container.oci.project
