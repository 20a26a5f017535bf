"""A validated profile file → the frozen Profile, and the rules that span several of its keys. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gpuws.config.profiles.file import ProfileFile
from gpuws.config.profiles.sections import (
    BuildSection,
    DeviceSection,
    GpuMemorySection,
    GpuSection,
    HealthcheckSection,
    JupyterSection,
    LoggingSection,
    PortSection,
    TmuxSection,
    VolumeSection,
)
from gpuws.config.profiles.short_forms import bind_source, volume_name
from gpuws.config.yaml.fields import Section
from gpuws.config.yaml.nodes import Location
from gpuws.model.profile.profile import (
    Build,
    GpuMemoryCap,
    Healthcheck,
    HostDevice,
    JupyterWish,
    Logging,
    PortWish,
    Profile,
    TmuxWish,
    Ulimit,
    Volume,
)


def broken_rules(file: ProfileFile) -> Iterator[tuple[Location, str]]:
    """What is wrong although every key by itself is right."""
    yield from _image_rules(file)
    if file.build is not None:
        yield from _build_rules(file.build)
    if file.mem_limit:
        yield from _memory_rules(file.mem_limit, file.memswap_limit, file.mem_reservation)
    if file.auto_remove and file.restart != "no":
        yield ("auto_remove",), f"what is removed once it ends is not started again: restart: {file.restart}"
    if (file.network_mode or "").startswith("container:"):
        for key in ("hostname", "dns", "extra_hosts"):
            if getattr(file, key):
                yield (key,), f"with network_mode: {file.network_mode} that is the other container's"
    for name, limit in file.ulimits.items():
        if limit and limit.hard != -1 and (limit.soft == -1 or limit.soft > limit.hard):
            yield ("ulimits", name), "the soft limit is above the hard one"
    yield from _volume_rules(file.volumes)
    yield from _twice("tmpfs", [path.partition(":")[0] for path in file.tmpfs], {one.target for one in file.volumes})
    yield from _twice("devices", [one.target or one.source for one in file.devices])
    yield from _port_rules(file.ports)


def to_profile(name: str, file: ProfileFile, environ: Mapping[str, str], source: str | None) -> Profile:
    """The model of a file without broken rules. `environ`: where build arguments without a value come from."""
    said = {key: _model(getattr(file, key)) for key in ProfileFile.model_fields if key not in _NOT_SAID}
    return Profile(
        name=name,
        description=" ".join(file.description.split()),
        engine=None if file.engine == "auto" else file.engine,
        build=_build(file.build, environ) if file.build else None,
        memswap_limit=file.mem_limit if file.memswap_limit is None else file.memswap_limit,
        ulimits=tuple(Ulimit(key, limit.soft, limit.hard) for key, limit in file.ulimits.items() if limit),
        source=source,
        **said,
    )


def _image_rules(file: ProfileFile) -> Iterator[tuple[Location, str]]:
    if file.image is not None or file.build is not None or _of_the_host(file):
        return
    if file.engine in (None, "auto"):
        yield (), "expected image or build: there is nothing to run"
    else:
        yield ("engine",), f"{file.engine} needs image or build; an engine that needs neither: process"


def _of_the_host(file: ProfileFile) -> bool:
    """Programs of the host itself need no image: where that is said, or where it says what they are and nothing that
    only containers have."""
    if file.engine not in (None, "auto"):
        return file.engine == "process"
    return bool(file.command or file.tmux or file.activate) and not file.volumes and file.user == "host"


_NOT_SAID = frozenset({"extends", "description", "engine", "build", "memswap_limit", "ulimits"})
"""Keys whose value in a file is not yet, or not at all, the model's."""
_MODELS: Mapping[type[Section], type] = {
    GpuMemorySection: GpuMemoryCap,
    PortSection: PortWish,
    LoggingSection: Logging,
    TmuxSection: TmuxWish,
}
"""Sections whose keys are the model's fields."""


def _model(value: Any) -> Any:
    """A value of a file as the model has it."""
    match value:
        case list():
            return tuple(_model(item) for item in value)
        case dict():
            return {key: _model(item) for key, item in value.items()}
        case GpuSection():
            return value.wish
        case VolumeSection():
            return _volume(value)
        case DeviceSection():
            return HostDevice(value.source, value.target or value.source, value.permissions)
        case HealthcheckSection():
            return _healthcheck(value)
        case JupyterSection():
            return JupyterWish(value.port, value.start, value.bind, value.restart)
        case Section():
            keys = type(value).model_fields
            return _MODELS[type(value)](**{key: _model(getattr(value, key)) for key in keys})
    return value


def _healthcheck(section: HealthcheckSection) -> Healthcheck | None:
    """Nothing said is no check of its own; a time of 0 is the image's."""
    if section.disable:
        return Healthcheck(("NONE",))
    check = Healthcheck(
        None if section.test is None else tuple(section.test),
        section.interval or None,
        section.timeout or None,
        section.retries,
        section.start_period or None,
    )
    return None if check == Healthcheck() else check


def _memory_rules(limit: int, swap: int | None, reservation: int | None) -> Iterator[tuple[Location, str]]:
    if swap is not None and -1 != swap < limit:
        yield ("memswap_limit",), "expected at least mem_limit: it is memory and swap together"
    if reservation and reservation > limit:
        yield ("mem_reservation",), "expected at most mem_limit"


def _build_rules(build: BuildSection) -> Iterator[tuple[Location, str]]:
    if build.context is None and build.dockerfile_inline is None:
        yield ("build",), "expected context or dockerfile_inline"
    if build.dockerfile is not None and build.dockerfile_inline is not None:
        yield ("build", "dockerfile"), "expected either dockerfile or dockerfile_inline, not both"


def _volume_rules(volumes: list[VolumeSection]) -> Iterator[tuple[Location, str]]:
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        try:
            _volume(volume)
        except ValueError as error:
            yield ("volumes", index, "source"), str(error)
        if volume.target in seen:
            yield ("volumes", index, "target"), f"{volume.target} stands twice"
        seen.add(volume.target)


def _twice(key: str, names: Iterable[str], seen: Iterable[str] = ()) -> Iterator[tuple[Location, str]]:
    known = set(seen)
    for index, name in enumerate(names):
        if name in known:
            yield (key, index), f"{name} stands twice"
        known.add(name)


def _port_rules(ports: list[PortSection]) -> Iterator[tuple[Location, str]]:
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        if port.published is None:
            continue
        if (port.host_ip, port.published) in seen:
            yield ("ports", index, "published"), f"port {port.published} stands twice"
        seen.add((port.host_ip, port.published))


def _volume(volume: VolumeSection) -> Volume:
    source = volume.source
    if volume.type == "bind":
        if source is None:
            raise ValueError("source is missing: the path on the host")
        source = bind_source(source)
    elif volume.type == "volume" and source is not None:
        source = volume_name(source)
    elif source is not None:
        raise ValueError("a tmpfs has no source")
    return Volume(volume.target, source, volume.type, volume.read_only, volume.check)


def _build(build: BuildSection, environ: Mapping[str, str]) -> Build:
    return Build(
        dockerfile_inline=build.dockerfile_inline,
        dockerfile=build.dockerfile,
        context=build.context,
        target=build.target,
        args={name: environ.get(name, "") if value is None else value for name, value in build.args.items()},
        taken=tuple(name for name, value in build.args.items() if value is None),
    )
